-- One row per method x k: how well the first k products of a list name what a customer bought
-- next. The newest order of each tested customer is held out; every method chooses from the same
-- products.
{%- set ks = var('recommendation_accuracy_ks') %}
with

customers as (

    select
        customer_number,
        holdout_order_id
    from {{ ref('int_recommendation_customers') }}
    where holdout_order_id is not null

),

products as (

    select
        product_id,
        product_number,
        is_available
    from {{ ref('int_recommendation_products') }}
    where not is_no_product

),

order_items as (

    select
        order_id,
        product_id
    from {{ ref('fct_order_items') }}
    where is_sale and quantity > 0

),

purchases as (

    select
        customer_number,
        product_number,
        category_number,
        is_repeatable,
        weight
    from {{ ref('int_recommendation_purchases') }}
    where is_test

),

popularity as (

    select
        product_number,
        category_number,
        popularity_rank,
        category_popularity_rank
    from {{ ref('int_recommendation_popularity') }}
    where is_test

),

recommendations as (

    select
        customer_number,
        recommendation_rank,
        product_number
    from {{ ref('int_recommendations_ranked') }}
    where is_test

),

owned as (

    select
        customer_number,
        product_number,
        count(*) over (partition by customer_number) as products
    from purchases
    where not is_repeatable

),

owned_counted as (

    select
        customer_number,
        max(products) as products
    from owned
    group by customer_number

),

-- What the customer bought next and did not own yet: what a list can get right.
held_out as (

    select distinct
        customers.customer_number,
        products.product_number
    from customers
    inner join order_items on customers.holdout_order_id = order_items.order_id
    inner join products on order_items.product_id = products.product_id
    left join owned
        on
            customers.customer_number = owned.customer_number
            and products.product_number = owned.product_number
    where owned.product_number is null

),

tested as (

    select
        held_out.customer_number,
        count(*) as held_out_products,
        max(coalesce(owned_counted.products, 0)) as owned_products
    from held_out
    left join owned_counted on held_out.customer_number = owned_counted.customer_number
    group by held_out.customer_number

),

categories_ranked as (

    select
        customer_number,
        category_number,
        row_number() over (
            partition by customer_number
            order by sum(weight) desc, category_number
        ) as category_rank
    from purchases
    group by customer_number, category_number

),

baseline_candidates as (

    select
        'popularity' as method,
        tested.customer_number,
        popularity.product_number,
        popularity.popularity_rank as place
    from tested
    inner join popularity
        on popularity.popularity_rank <= {{ ks | max }} + tested.owned_products
    union all
    -- The favourite category first, then what is popular.
    select
        'favorite_category' as method,
        tested.customer_number,
        popularity.product_number,
        popularity.popularity_rank
        - case when categories_ranked.category_number is null then 0 else 1000000000 end as place
    from tested
    cross join popularity
    left join categories_ranked
        on
            tested.customer_number = categories_ranked.customer_number
            and popularity.category_number = categories_ranked.category_number
            and categories_ranked.category_rank = 1
    where
        popularity.popularity_rank <= {{ ks | max }} + tested.owned_products
        or (
            categories_ranked.category_number is not null
            and popularity.category_popularity_rank <= {{ ks | max }} + tested.owned_products
        )

),

lists as (

    select
        baseline_candidates.method,
        baseline_candidates.customer_number,
        baseline_candidates.product_number,
        row_number() over (
            partition by baseline_candidates.method, baseline_candidates.customer_number
            order by baseline_candidates.place
        ) as list_rank
    from baseline_candidates
    left join owned
        on
            baseline_candidates.customer_number = owned.customer_number
            and baseline_candidates.product_number = owned.product_number
    where owned.product_number is null
    union all
    select
        'recommender' as method,
        recommendations.customer_number,
        recommendations.product_number,
        recommendations.recommendation_rank as list_rank
    from recommendations
    inner join tested on recommendations.customer_number = tested.customer_number

),

ks as (

    {% for k in ks | unique -%}
    select {{ k }} as k
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

methods as (

    select 'recommender' as method
    union all
    select 'popularity' as method
    union all
    select 'favorite_category' as method

),

lists_cut as (

    select
        ks.k,
        lists.method,
        lists.customer_number,
        lists.product_number,
        lists.list_rank,
        held_out.product_number is not null as is_hit
    from lists
    inner join ks on lists.list_rank <= ks.k
    left join held_out
        on
            lists.customer_number = held_out.customer_number
            and lists.product_number = held_out.product_number

),

customers_scored as (

    select
        lists_cut.k,
        lists_cut.method,
        lists_cut.customer_number,
        count(case when lists_cut.is_hit then 1 end) as hits,
        {{ divide(
            'count(case when lists_cut.is_hit then 1 end)', 'max(tested.held_out_products)', 6
        ) }} as recall,
        {{ divide(
            '1', 'min(case when lists_cut.is_hit then lists_cut.list_rank end)', 6
        ) }} as reciprocal_rank
    from lists_cut
    inner join tested on lists_cut.customer_number = tested.customer_number
    group by lists_cut.k, lists_cut.method, lists_cut.customer_number

),

customers_summed as (

    select
        k,
        method,
        count(*) as customers,
        count(case when hits > 0 then 1 end) as customers_hit,
        sum(hits) as hits,
        sum(recall) as recall,
        sum(coalesce(reciprocal_rank, 0)) as reciprocal_rank
    from customers_scored
    group by k, method

),

products_listed as (

    select
        k,
        method,
        count(distinct product_number) as products
    from lists_cut
    group by k, method

),

products_available as (

    select count(*) as products
    from products
    where is_available

),

methods_measured as (

    select
        methods.method,
        ks.k,
        cast(coalesce(customers_summed.customers, 0) as bigint) as tested_customers,
        cast(coalesce(customers_summed.customers_hit, 0) as bigint) as customers_hit,
        cast(coalesce(customers_summed.hits, 0) as bigint) as hits,
        {{ divide('customers_summed.customers_hit', 'customers_summed.customers', 6) }} as hit_rate,
        {{ divide('customers_summed.recall', 'customers_summed.customers', 6) }} as recall,
        {{ divide(
            'customers_summed.reciprocal_rank', 'customers_summed.customers', 6
        ) }} as mean_reciprocal_rank,
        {{ divide('products_listed.products', 'products_available.products', 6) }} as coverage
    from methods
    cross join ks
    cross join products_available
    left join customers_summed
        on methods.method = customers_summed.method and ks.k = customers_summed.k
    left join products_listed
        on methods.method = products_listed.method and ks.k = products_listed.k

),

final as (

    select
        method,
        cast(k as bigint) as k,
        tested_customers,
        customers_hit,
        hits,
        hit_rate,
        recall,
        mean_reciprocal_rank,
        coverage,
        cast(hit_rate - max(case when method <> 'recommender' then hit_rate end) over (
            partition by k
        ) as numeric(18, 6)) as hit_rate_margin
    from methods_measured
    where tested_customers > 0

)

select * from final
