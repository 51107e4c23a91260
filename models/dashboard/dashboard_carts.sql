-- One row per month and outcome of carts that were left behind.
with

carts as (

    select
        cast({{ dbt.date_trunc('month', 'session_date') }} as date) as month,
        case
            when is_recovered then 'came back and bought'
            when is_recovery_complete then 'lost'
            else 'may still come back'
        end as outcome,
        cart_value
    from {{ ref('cart_abandonment') }}

),

final as (

    select
        month,
        outcome,
        cast(count(*) as bigint) as carts,
        cast(sum(cart_value) as numeric(18, 2)) as cart_value
    from carts
    group by month, outcome

)

select * from final
