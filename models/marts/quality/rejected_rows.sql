-- One row per raw row that staging did not accept, with the reason and the row as it arrived.
with

rejected as (

    {%- for entity in raw_entities() %}
    select
        '{{ entity }}'{{ binary_collation() }} as entity,
        {{ rejected_row_key(entity) }} as row_key,
        rejection_reason,
        raw_row
    from {{ ref('base_' ~ entity) }}
    where rejection_reason is not null
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

),

rejected_numbered as (

    select
        entity,
        row_key,
        rejection_reason,
        raw_row,
        row_number() over (partition by entity, raw_row order by rejection_reason) as copy_number
    from rejected

),

final as (

    select
        {{ dbt_utils.generate_surrogate_key(['entity', 'raw_row', 'copy_number']) }}
            as rejected_row_id,
        entity,
        row_key,
        rejection_reason,
        raw_row
    from rejected_numbered

)

select * from final
