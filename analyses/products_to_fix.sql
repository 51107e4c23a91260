-- Which products disappoint, and what do customers say is wrong with them?
-- How to read it: from the top, improve the product, its description or its packing by what
-- main_complaint names, or take it out; excess_refunds is money given back beyond what is usual.
-- Reads product_performance, review_sentiment, review_sentiment_rollups.
--
-- Products rated below the shop's mean that also gave back more than the shop's usual share of
-- their sales; in a shop without reviews refunds decide alone, in one without refunds ratings. A
-- mean of few stars says little: prior_ratings of the shop's mean are added to every product's.
-- What bad reviews speak of is counted by the project's own word list, which reads alike on every
-- engine.
{% set rows = 20 %}
{% set fewest_orders = 20 %}
{% set prior_ratings = 5 %}
{% set aspects = ['delivery', 'quality', 'price', 'service'] %}
with

products as (

    select
        product_id,
        product_name,
        category,
        total_orders,
        net_sales,
        refunds,
        refund_rate,
        gross_margin,
        ratings,
        avg_rating
    from {{ ref('product_performance') }}

),

shop_ratings as (

    select avg_rating
    from {{ ref('review_sentiment_rollups') }}
    where level = 'shop'

),

shop_refunds as (

    select
        sum(refunds) as refunds,
        sum(net_sales) as net_sales
    from products

),

complaints as (

    select
        product_id,
        {%- for aspect in aspects %}
        sum(case when mentions_{{ aspect }} then 1 else 0 end) as {{ aspect }}_reviews,
        {%- endfor %}
        count(*) as bad_reviews
    from {{ ref('review_sentiment') }}
    where lexicon_sentiment = 'negative' or rating <= 2
    group by product_id

),

products_compared as (

    select
        products.product_id,
        products.product_name,
        products.category,
        products.total_orders,
        products.net_sales,
        products.gross_margin,
        products.refund_rate,
        cast(
            products.refunds
            - {{ divide('products.net_sales * shop_refunds.refunds', 'shop_refunds.net_sales') }}
            as numeric(18, 2)
        ) as excess_refunds,
        products.ratings,
        products.avg_rating,
        shop_ratings.avg_rating as shop_avg_rating,
        {{ divide(
            '(products.ratings * coalesce(products.avg_rating, 0)'
            ~ ' + ' ~ prior_ratings ~ ' * shop_ratings.avg_rating)',
            '(products.ratings + ' ~ prior_ratings ~ ')'
        ) }} as cautious_rating,
        shop_refunds.refunds > 0 as has_refunds,
        coalesce(complaints.bad_reviews, 0) as bad_reviews,
        case greatest(
            {%- for aspect in aspects %}
            complaints.{{ aspect }}_reviews{{ ',' if not loop.last }}
            {%- endfor %}
        )
            when 0 then null
            {%- for aspect in aspects %}
            when complaints.{{ aspect }}_reviews then '{{ aspect }}'
            {%- endfor %}
        end as main_complaint
    from products
    cross join shop_refunds
    left join shop_ratings on true
    left join complaints on products.product_id = complaints.product_id
    where products.total_orders >= {{ fewest_orders }}

),

products_ranked as (

    select
        row_number() over (
            order by
                excess_refunds desc nulls last, cautious_rating asc nulls last, product_id asc
        ) as place,
        *
    from products_compared
    where
        (excess_refunds > 0 or not has_refunds)
        and (cautious_rating < shop_avg_rating or shop_avg_rating is null)
        and (has_refunds or shop_avg_rating is not null)

)

select
    place,
    product_id,
    product_name,
    category,
    total_orders,
    refund_rate,
    excess_refunds,
    ratings,
    avg_rating,
    cautious_rating,
    cast(bad_reviews as bigint) as bad_reviews,
    main_complaint,
    gross_margin
from products_ranked
where place <= {{ rows }}
order by place
