-- For every entity the rows that arrived are the rows staged plus the rows rejected: nothing is
-- lost and nothing is counted twice. Counted from the base models, not from the mart that
-- reports it.
with

counted as (

    {%- for entity in raw_entities() %}
    select
        '{{ entity }}' as entity,
        (select count(*) from {{ raw(entity) }} as raw_rows) as raw_rows,
        (select count(*) from {{ ref('stg_' ~ entity) }}) as staged_rows,
        (
            select count(*) from {{ ref('base_' ~ entity) }}
            where rejection_reason is not null
        ) as rejected_rows
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

)

select *
from counted
where raw_rows <> staged_rows + rejected_rows
