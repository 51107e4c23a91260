-- One row per fold x customer: what the customer's purchases say as a whole. price_level is how
-- much dearer than usual the customer buys, in places of a price list of 1,000; a few imagined
-- usual purchases keep one order from saying too much.
with

customers as (

    select customer_id
    from {{ ref('dim_customers') }}

),

held_out as (

    select customer_id
    from {{ ref('int_orders_held_out') }}

),

purchases as (

    select
        is_test,
        customer_id,
        category,
        price_level,
        is_repeatable,
        weight
    from {{ ref('int_recommendation_purchases') }}

),

folds as (

    select
        is_test,
        usual_price_level
    from {{ ref('int_recommendation_folds') }}

),

customers_of_folds as (

    select
        false as is_test,
        customer_id
    from customers
    union all
    select
        true as is_test,
        customer_id
    from held_out

),

purchases_summed as (

    select
        purchases.is_test,
        purchases.customer_id,
        count(case when not purchases.is_repeatable then 1 end) as owned_products,
        cast(floor(
            1.0 * sum(purchases.price_level - folds.usual_price_level)
            / (count(*) + {{ recommendation_price_prior_products() }})
        ) as integer) as price_level
    from purchases
    inner join folds on purchases.is_test = folds.is_test
    group by purchases.is_test, purchases.customer_id

),

categories_ranked as (

    select
        is_test,
        customer_id,
        category,
        sum(weight) as weight,
        row_number() over (
            partition by is_test, customer_id
            order by sum(weight) desc, category
        ) as category_rank
    from purchases
    group by is_test, customer_id, category

),

final as (

    select
        customers_of_folds.is_test,
        customers_of_folds.customer_id,
        categories_ranked.category as favorite_category,
        cast(coalesce(categories_ranked.weight, 0) as bigint) as favorite_weight,
        coalesce(purchases_summed.owned_products, 0) as owned_products,
        coalesce(purchases_summed.price_level, 0) as price_level
    from customers_of_folds
    left join purchases_summed
        on
            customers_of_folds.is_test = purchases_summed.is_test
            and customers_of_folds.customer_id = purchases_summed.customer_id
    left join categories_ranked
        on
            customers_of_folds.is_test = categories_ranked.is_test
            and customers_of_folds.customer_id = categories_ranked.customer_id
            and categories_ranked.category_rank = 1

)

select * from final
