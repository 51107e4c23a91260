-- One row per month from the first order to the as-of month: how the active customers, and what
-- they bought in the var churn_days days up to a month's end, came about from the month before.
-- opening + new + resurrected − churned = closing; for revenue also + expansion − contraction. The
-- running month has no rates.
with

months_of_shop as (

    select
        month_start_date,
        month_number,
        snapshot_date,
        is_complete
    from {{ ref('dim_months') }}

),

orders as (

    select
        customer_id,
        customer_order_number,
        order_date,
        net_revenue
    from {{ ref('fct_orders') }}
    where is_sale and not is_guest

),

-- Active as a month ends is who bought within the window up to that day. It holds the whole month,
-- so everybody who bought in the month is active at its end.
active_customers as (

    select
        months_of_shop.month_number,
        orders.customer_id,
        sum(orders.net_revenue) as revenue,
        max(
            case
                when
                    orders.customer_order_number = 1
                    and orders.order_date >= months_of_shop.month_start_date
                    then 1
                else 0
            end
        ) as is_new
    from months_of_shop
    inner join orders
        on
            months_of_shop.snapshot_date >= orders.order_date
            and cast(
                {{ dbt.dateadd('day', -var('churn_days'), 'months_of_shop.snapshot_date') }} as date
            ) < orders.order_date
    group by months_of_shop.month_number, orders.customer_id

),

openings as (

    select
        month_number + 1 as month_number,
        customer_id,
        revenue
    from active_customers

),

customers_moved as (

    select
        coalesce(active_customers.month_number, openings.month_number) as month_number,
        case
            when active_customers.customer_id is null then 'churned'
            when openings.customer_id is not null then 'retained'
            when active_customers.is_new = 1 then 'new'
            else 'resurrected'
        end as movement,
        coalesce(openings.revenue, 0) as opening_revenue,
        coalesce(active_customers.revenue, 0) as closing_revenue
    from active_customers
    full outer join openings
        on
            active_customers.month_number = openings.month_number
            and active_customers.customer_id = openings.customer_id

),

movements_summed_to_month as (

    select
        month_number,
        {%- for movement in ['new', 'retained', 'resurrected', 'churned'] %}
        sum(case when movement = '{{ movement }}' then 1 else 0 end) as {{ movement }}_customers,
        {%- endfor %}
        sum(opening_revenue) as opening_revenue,
        sum(case when movement = 'new' then closing_revenue else 0 end) as new_revenue,
        sum(case when movement = 'resurrected' then closing_revenue else 0 end)
            as resurrected_revenue,
        sum(
            case
                when movement = 'retained' then greatest(closing_revenue - opening_revenue, 0)
                else 0
            end
        ) as expansion_revenue,
        sum(
            case
                when movement = 'retained' then greatest(opening_revenue - closing_revenue, 0)
                else 0
            end
        ) as contraction_revenue,
        sum(case when movement = 'churned' then opening_revenue else 0 end) as churned_revenue,
        sum(closing_revenue) as closing_revenue
    from customers_moved
    group by month_number

),

months_valued as (

    select
        months_of_shop.month_start_date,
        {%- for movement in ['new', 'retained', 'resurrected', 'churned'] %}
        coalesce(movements_summed_to_month.{{ movement }}_customers, 0)
            as {{ movement }}_customers,
        {%- endfor %}
        {%- for movement in [
            'opening', 'new', 'resurrected', 'expansion', 'contraction', 'churned', 'closing',
        ] %}
        coalesce(movements_summed_to_month.{{ movement }}_revenue, 0) as {{ movement }}_revenue,
        {%- endfor %}
        months_of_shop.is_complete,
        months_of_shop.snapshot_date
    from months_of_shop
    left join movements_summed_to_month
        on months_of_shop.month_number = movements_summed_to_month.month_number

),

final as (

    select
        month_start_date as growth_month,
        cast(retained_customers + churned_customers as bigint) as opening_customers,
        cast(new_customers as bigint) as new_customers,
        cast(resurrected_customers as bigint) as resurrected_customers,
        cast(churned_customers as bigint) as churned_customers,
        cast(retained_customers + new_customers + resurrected_customers as bigint)
            as closing_customers,
        cast(retained_customers as bigint) as retained_customers,
        cast(
            case
                when is_complete
                    then {{ divide(
                        'churned_customers', 'retained_customers + churned_customers', 6
                    ) }}
            end as numeric(18, 6)
        ) as churn_rate,
        cast(
            case
                when is_complete
                    then {{ divide(
                        'new_customers + resurrected_customers', 'churned_customers', 6
                    ) }}
            end as numeric(18, 6)
        ) as customer_quick_ratio,
        cast(opening_revenue as numeric(18, 2)) as opening_revenue,
        cast(new_revenue as numeric(18, 2)) as new_revenue,
        cast(resurrected_revenue as numeric(18, 2)) as resurrected_revenue,
        cast(expansion_revenue as numeric(18, 2)) as expansion_revenue,
        cast(contraction_revenue as numeric(18, 2)) as contraction_revenue,
        cast(churned_revenue as numeric(18, 2)) as churned_revenue,
        cast(closing_revenue as numeric(18, 2)) as closing_revenue,
        cast(
            case
                when is_complete
                    then {{ divide(
                        'new_revenue + resurrected_revenue + expansion_revenue',
                        'contraction_revenue + churned_revenue', 6
                    ) }}
            end as numeric(18, 6)
        ) as revenue_quick_ratio,
        is_complete,
        snapshot_date
    from months_valued

)

select * from final
