-- One row per method x k: how well the first k products of a list name what a customer bought
-- next. The newest order of each tested customer is held out; every method chooses from the same
-- products.
with

lists as (

    select
        method,
        customer_id,
        list_rank,
        product_id
    from {{ ref('int_recommendation_lists_compared') }}

),

held_out as (

    select
        customer_id,
        product_id
    from {{ ref('int_products_held_out') }}

),

products as (

    select product_id
    from {{ ref('int_recommendation_products') }}
    where is_available

),

ks as (

    {% for k in recommendation_accuracy_ks() -%}
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
        lists.customer_id,
        lists.product_id,
        lists.list_rank,
        held_out.product_id is not null as is_hit
    from lists
    inner join ks on lists.list_rank <= ks.k
    left join held_out
        on
            lists.customer_id = held_out.customer_id
            and lists.product_id = held_out.product_id

),

customers_tested as (

    select
        customer_id,
        count(*) as held_out_products
    from held_out
    group by customer_id

),

customers_scored as (

    select
        lists_cut.k,
        lists_cut.method,
        lists_cut.customer_id,
        count(case when lists_cut.is_hit then 1 end) as hits,
        {{ divide(
            'count(case when lists_cut.is_hit then 1 end)',
            'max(customers_tested.held_out_products)',
            6
        ) }} as recall,
        {{ divide(
            '1', 'min(case when lists_cut.is_hit then lists_cut.list_rank end)', 6
        ) }} as reciprocal_rank
    from lists_cut
    inner join customers_tested on lists_cut.customer_id = customers_tested.customer_id
    group by lists_cut.k, lists_cut.method, lists_cut.customer_id

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
        count(distinct product_id) as products
    from lists_cut
    group by k, method

),

products_counted as (

    select count(*) as products
    from products

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
        {{ divide('products_listed.products', 'products_counted.products', 6) }} as coverage
    from methods
    cross join ks
    cross join products_counted
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
