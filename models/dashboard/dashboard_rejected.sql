-- One row per table and reason with rejected rows.
with

rejected_rows as (

    select
        entity,
        rejection_reason
    from {{ ref('rejected_rows') }}

),

final as (

    select
        entity,
        rejection_reason,
        cast(count(*) as bigint) as rows_rejected
    from rejected_rows
    group by entity, rejection_reason

)

select * from final
