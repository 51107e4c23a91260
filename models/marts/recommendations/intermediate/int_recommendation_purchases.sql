-- One row per fold x customer x product bought. The live fold (is_test is false) knows every
-- order; the test fold holds the tested customers without the orders held out, and beside them,
-- for counts, the live rows of everybody else (counts_in_test). weight is the product's part of
-- the customer's history in thousandths: recent purchases weigh more, and only the newest products
-- count.
with

order_items as (

    select
        order_id,
        product_id,
        customer_id,
        order_date
    from {{ ref('fct_order_items') }}
    where is_sale and quantity > 0 and customer_id is not null

),

held_out as (

    select
        customer_id,
        order_id
    from {{ ref('int_orders_held_out') }}

),

products as (

    select
        product_id,
        category,
        price_level,
        is_repeatable
    from {{ ref('int_recommendation_products') }}
    where not is_no_product

),

purchases_of_customers as (

    select
        order_items.customer_id,
        order_items.product_id,
        held_out.order_id is not null as is_tested,
        max(order_items.order_date) as last_order_date,
        max(case
            when held_out.order_id <> order_items.order_id then order_items.order_date
        end) as last_kept_date
    from order_items
    left join held_out on order_items.customer_id = held_out.customer_id
    group by
        order_items.customer_id,
        order_items.product_id,
        held_out.order_id is not null

),

purchases as (

    select
        false as is_test,
        not is_tested as counts_in_test,
        customer_id,
        product_id,
        last_order_date
    from purchases_of_customers
    union all
    select
        true as is_test,
        true as counts_in_test,
        customer_id,
        product_id,
        last_kept_date as last_order_date
    from purchases_of_customers
    where last_kept_date is not null

),

purchases_of_goods as (

    select
        purchases.is_test,
        purchases.counts_in_test,
        purchases.customer_id,
        purchases.product_id,
        purchases.last_order_date,
        products.category,
        products.price_level,
        products.is_repeatable
    from purchases
    inner join products on purchases.product_id = products.product_id

),

purchases_newest_first as (

    select
        *,
        row_number() over (
            partition by is_test, customer_id
            order by last_order_date desc, product_id
        ) as recency_rank,
        max(last_order_date) over (partition by is_test, customer_id) as newest_order_date
    from purchases_of_goods

),

-- A purchase some time before the newest weighs half as much.
purchases_weighted as (

    select
        *,
        case
            when recency_rank <= {{ recommendation_history_products() }}
                then cast(floor(
                    1000000.0 * {{ recommendation_half_weight_days() }} / (
                        {{ recommendation_half_weight_days() }} + {{ dbt.datediff(
                            'last_order_date', 'newest_order_date', 'day'
                        ) }}
                    )
                ) as bigint)
            else 0
        end as raw_weight
    from purchases_newest_first

),

final as (

    select
        is_test,
        counts_in_test,
        customer_id,
        product_id,
        category,
        price_level,
        is_repeatable,
        last_order_date,
        cast(floor(
            1000.0 * raw_weight / sum(raw_weight) over (partition by is_test, customer_id)
        ) as integer) as weight
    from purchases_weighted

)

select * from final
