-- One row per entity of the raw contract: what arrived and what became of it.
with

counted as (

    {%- for entity in raw_entities() %}
    select
        '{{ entity }}' as entity,
        (select count(*) from {{ raw(entity) }} as raw_rows) as raw_rows,
        (select count(*) from {{ ref('stg_' ~ entity) }}) as staged_rows,
        (
            select count(*) from {{ ref('rejected_rows') }}
            where entity = '{{ entity }}'
        ) as rejected_rows,
        (
            select count(*) from {{ ref('stg_' ~ entity) }}
            where invalid_columns is not null
        ) as flagged_rows
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        entity,
        cast(raw_rows as bigint) as raw_rows,
        cast(staged_rows as bigint) as staged_rows,
        cast(rejected_rows as bigint) as rejected_rows,
        cast(flagged_rows as bigint) as flagged_rows,
        raw_rows = staged_rows + rejected_rows as is_reconciled
    from counted

)

select * from final
