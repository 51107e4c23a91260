-- One row per invoice.
with

final as (

    select
        order_id,
        max(customer_id) as customer_id,
        min(ordered_at) as ordered_at,
        case
            when order_id like 'C%' then 'cancelled'
            when order_id like 'A%' then 'adjustment'
            when max(case when is_sold then 1 else 0 end) = 1 then 'completed'
            else 'adjustment'
        end as status,
        max(country) as shipping_country
    from {{ ref('online_retail__lines') }}
    group by order_id

)

select * from final
