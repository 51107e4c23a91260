-- One row per order placed by the as-of date. Every measure is additive over orders; an order that
-- is not a sale keeps its measures, so filter on is_sale. Refunds are dated by the order here, not
-- by the refund. customer_order_number and days_since_previous_order count sales only.
with

orders as (

    select
        order_id,
        customer_id,
        session_id,
        status,
        coupon_code,
        country,
        region,
        city,
        shipping_amount,
        tax_amount,
        total_amount,
        is_sale,
        is_guest,
        order_date,
        ordered_at
    from {{ ref('int_orders_classified') }}

),

items_summed_to_order as (

    select
        order_id,
        count(*) as order_lines,
        sum(quantity) as units,
        sum(gross_sales) as gross_sales,
        sum(discounts) as discounts,
        sum(cost_of_goods_sold) as cost_of_goods_sold
    from {{ ref('fct_order_items') }}
    group by order_id

),

shop_cost_rate as (

    select cost_rate
    from {{ ref('int_cost_rates') }}
    where scope = 'shop'

),

refunds_summed_to_order as (

    select
        order_id,
        sum(amount) as refunds
    from {{ ref('int_refunds_allocated') }}
    group by order_id

),

payments as (

    select
        order_id,
        amount,
        is_paid
    from {{ ref('fct_payments') }}

),

payments_summed_to_order as (

    select
        order_id,
        sum(amount) as amount_paid
    from payments
    where is_paid
    group by order_id

),

-- Without a single payment on record, what was paid is unknown rather than nothing.
payments_known as (

    select count(*) > 0 as is_known
    from payments

),

customer_sales as (

    select
        order_id,
        row_number() over (
            partition by customer_id
            order by ordered_at, order_id
        ) as customer_order_number,
        lag(order_date) over (
            partition by customer_id
            order by ordered_at, order_id
        ) as previous_order_date
    from orders
    where is_sale and not is_guest

),

-- Without lines the goods are what total_amount leaves after shipping and tax.
orders_valued as (

    select
        orders.order_id,
        coalesce(items_summed_to_order.order_lines, 0) as order_lines,
        coalesce(items_summed_to_order.units, 0) as units,
        coalesce(
            items_summed_to_order.gross_sales,
            greatest(orders.total_amount - orders.shipping_amount - orders.tax_amount, 0),
            0
        ) as gross_sales,
        coalesce(items_summed_to_order.discounts, 0) as discounts,
        coalesce(refunds_summed_to_order.refunds, 0) as refunds,
        items_summed_to_order.cost_of_goods_sold,
        case
            when payments_known.is_known then coalesce(payments_summed_to_order.amount_paid, 0)
        end as amount_paid,
        items_summed_to_order.order_id is null as is_amount_from_total
    from orders
    cross join payments_known
    left join items_summed_to_order on orders.order_id = items_summed_to_order.order_id
    left join refunds_summed_to_order on orders.order_id = refunds_summed_to_order.order_id
    left join payments_summed_to_order on orders.order_id = payments_summed_to_order.order_id

),

orders_costed as (

    select
        orders_valued.order_id,
        coalesce(
            orders_valued.cost_of_goods_sold,
            case
                when orders_valued.is_amount_from_total
                    then orders_valued.gross_sales * shop_cost_rate.cost_rate
            end
        ) as cost_of_goods_sold
    from orders_valued
    cross join shop_cost_rate

),

final as (

    select
        -- identifiers
        orders.order_id,
        orders.customer_id,
        orders.session_id,

        -- dimensions
        orders.status,
        orders.coupon_code,
        coalesce(orders.country, 'Unknown') as country,
        coalesce(orders.region, 'Unknown') as region,
        coalesce(orders.city, 'Unknown') as city,

        -- measures
        cast(orders_valued.order_lines as bigint) as order_lines,
        cast(orders_valued.units as bigint) as units,
        cast(orders_valued.gross_sales as numeric(18, 2)) as gross_sales,
        cast(orders_valued.discounts as numeric(18, 2)) as discounts,
        cast(orders_valued.gross_sales - orders_valued.discounts as numeric(18, 2)) as net_sales,
        cast(orders_valued.refunds as numeric(18, 2)) as refunds,
        cast(
            orders_valued.gross_sales - orders_valued.discounts - orders_valued.refunds
            as numeric(18, 2)
        ) as net_revenue,
        cast(orders_costed.cost_of_goods_sold as numeric(18, 2)) as cost_of_goods_sold,
        cast(
            orders_valued.gross_sales - orders_valued.discounts - orders_valued.refunds
            - cast(orders_costed.cost_of_goods_sold as numeric(18, 2)) as numeric(18, 2)
        ) as gross_margin,
        cast(orders.shipping_amount as numeric(18, 2)) as shipping_amount,
        cast(orders.tax_amount as numeric(18, 2)) as tax_amount,
        cast(orders_valued.amount_paid as numeric(18, 2)) as amount_paid,

        -- metadata
        cast(customer_sales.customer_order_number as bigint) as customer_order_number,
        cast(
            {{ dbt.datediff('customer_sales.previous_order_date', 'orders.order_date', 'day') }}
            as bigint
        ) as days_since_previous_order,
        orders.is_sale,
        orders.is_guest,
        orders_valued.is_amount_from_total,
        orders.order_date,
        orders.ordered_at
    from orders
    inner join orders_valued on orders.order_id = orders_valued.order_id
    inner join orders_costed on orders.order_id = orders_costed.order_id
    left join customer_sales on orders.order_id = customer_sales.order_id

)

select * from final
