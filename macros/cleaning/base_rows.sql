{#-
    The last CTE of a base model: the rows of `checked` (typed plus a rejection_reason of the model's
    own rules) with copies of a key rejected, and the raw row as JSON text beside the rejected ones.
    Copies are judged among good rows only, so that a broken newer copy cannot push out a good one;
    the newest wins (meta.newest of the contract), then the row that sorts first.
-#}
{% macro base_rows(entity) %}
{%- set contract = raw_contract(entity) if execute else {'columns': {}, 'key': []} -%}
copies_numbered as (

    select
        checked.*,
        1 as copy_number
    from checked
    where not checked.has_copies
    {%- if contract.key %}
    union all
    select
        checked.*,
        row_number() over (
            partition by {{ contract.key | join(', ') }}, checked.rejection_reason is null
            order by {% if contract.newest %}checked.{{ contract.newest }} desc nulls last, {% endif %}checked.raw_record
        ) as copy_number
    from checked
    where checked.has_copies
    {%- endif %}

),

reasoned as (

    select
    {%- for name in contract.columns %}
        {{ name }},
    {%- endfor %}
        invalid_columns,
        coalesce(
            rejection_reason,
            case when copy_number > 1 then 'duplicate {{ contract.key | join(', ') }}' end
        ){{ binary_collation() }} as rejection_reason,
        raw_record
    from copies_numbered

)

select
{%- for name in contract.columns %}
    {{ name }},
{%- endfor %}
    invalid_columns,
    rejection_reason,
    case when rejection_reason is not null then {{ record_as_json('raw_record') }} end as raw_row
from reasoned
{% endmacro %}
