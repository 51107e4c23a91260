-- One row: the days every mart is computed for. No row in a shop without orders.
with

final as (

    select
        as_of_date,
        as_of_month,
        first_order_date,
        first_order_month
    from {{ ref('int_as_of_date') }}

)

select * from final
