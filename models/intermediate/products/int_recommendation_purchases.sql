-- One row per fold x customer x product bought. The live fold knows every order; the test fold
-- holds the tested customers (is_tested) without the orders held out. weight is the product's part
-- of the customer's history in thousandths: recent purchases weigh more, and only the newest var
-- recommendation_history_products count.
{{ config(materialized='table') }}
with

order_items as (

    select
        order_id,
        product_id,
        customer_id,
        order_date
    from {{ ref('int_order_items_priced') }}
    where is_sale and quantity > 0 and customer_id is not null

),

customers as (

    select
        customer_id,
        customer_number,
        holdout_order_id
    from {{ ref('int_recommendation_customers') }}

),

products as (

    select
        product_id,
        product_number,
        category_number,
        price_level,
        is_repeatable
    from {{ ref('int_recommendation_products') }}
    where not is_no_product

),

lines as (

    select
        customers.customer_number,
        products.product_number,
        products.category_number,
        products.price_level,
        products.is_repeatable,
        order_items.order_date,
        customers.holdout_order_id is not null as is_tested,
        coalesce(order_items.order_id = customers.holdout_order_id, false) as is_held_out
    from order_items
    inner join customers on order_items.customer_id = customers.customer_id
    inner join products on order_items.product_id = products.product_id

),

purchases as (

    select
        false as is_test,
        is_tested,
        customer_number,
        product_number,
        category_number,
        price_level,
        is_repeatable,
        max(order_date) as last_order_date
    from lines
    group by is_tested, customer_number, product_number, category_number, price_level, is_repeatable
    union all
    select
        true as is_test,
        is_tested,
        customer_number,
        product_number,
        category_number,
        price_level,
        is_repeatable,
        max(order_date) as last_order_date
    from lines
    where is_tested and not is_held_out
    group by is_tested, customer_number, product_number, category_number, price_level, is_repeatable

),

purchases_newest_first as (

    select
        *,
        row_number() over (
            partition by is_test, customer_number
            order by last_order_date desc, product_number
        ) as recency_rank,
        max(last_order_date) over (partition by is_test, customer_number) as newest_order_date
    from purchases

),

-- A purchase var recommendation_half_weight_days before the newest weighs half as much.
purchases_weighted as (

    select
        *,
        case
            when recency_rank <= {{ var('recommendation_history_products') }}
                then cast(floor(
                    1000000.0 * {{ var('recommendation_half_weight_days') }} / (
                        {{ var('recommendation_half_weight_days') }} + {{ dbt.datediff(
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
        is_tested,
        customer_number,
        product_number,
        category_number,
        price_level,
        is_repeatable,
        last_order_date,
        cast(floor(
            1000.0 * raw_weight
            / sum(raw_weight) over (partition by is_test, customer_number)
        ) as bigint) as weight
    from purchases_weighted

)

select * from final
