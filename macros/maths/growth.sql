{#-
    Change from base to value as a fraction of base; null over a missing, zero or negative base, and
    where `condition` does not hold (a period that is not complete, say).
-#}
{% macro growth(value, base, condition='true') -%}
    cast(
        case
            when {{ condition }} and {{ base }} > 0
                then {{ divide('(' ~ value ~ ') - (' ~ base ~ ')', base, 6) }}
        end as numeric(18, 6)
    )
{%- endmacro %}
