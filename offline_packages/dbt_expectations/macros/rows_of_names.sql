{#- One row per name, for tests whose failures are names; no names give no rows. -#}
{% macro rows_of_names(names) %}
    {%- for name in names %}
    select '{{ name }}' as found
    {% if not loop.last %}union all{% endif %}
    {%- else %}
    select cast(null as {{ dbt.type_string() }}) as found
    where false
    {%- endfor %}
{% endmacro %}
