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
    from {{ ref('fct_order_items') }}
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

purchases_of_customers as (

    select
        customers.customer_number,
        products.product_number,
        customers.holdout_order_id is not null as is_tested,
        max(order_items.order_date) as last_order_date,
        max(case
            when customers.holdout_order_id <> order_items.order_id then order_items.order_date
        end) as last_kept_date
    from order_items
    inner join customers on order_items.customer_id = customers.customer_id
    inner join products on order_items.product_id = products.product_id
    group by
        customers.customer_number,
        products.product_number,
        customers.holdout_order_id is not null

),

purchases as (

    select
        false as is_test,
        is_tested,
        customer_number,
        product_number,
        last_order_date
    from purchases_of_customers
    union all
    select
        true as is_test,
        is_tested,
        customer_number,
        product_number,
        last_kept_date as last_order_date
    from purchases_of_customers
    where last_kept_date is not null

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

purchases_shared as (

    select
        *,
        cast(floor(
            1000.0 * raw_weight
            / sum(raw_weight) over (partition by is_test, customer_number)
        ) as integer) as weight
    from purchases_weighted

),

final as (

    select
        purchases_shared.is_test,
        purchases_shared.is_tested,
        purchases_shared.customer_number,
        purchases_shared.product_number,
        products.category_number,
        products.price_level,
        products.is_repeatable,
        purchases_shared.last_order_date,
        purchases_shared.weight
    from purchases_shared
    inner join products on purchases_shared.product_number = products.product_number

)

select * from final
