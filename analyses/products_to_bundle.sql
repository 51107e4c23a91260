-- Which two products should be sold as a bundle, and does the bundle pay?
-- How to read it: offer the bundles whose gain is above zero, at bundle_price; a bundle pays from
-- take_up_to_pay on, the share of buyers of one product alone who must take both.
-- Reads market_basket_rules, product_performance, inventory_health.
--
-- Pairs that lie in one basket more often than by chance. Who buys both anyway gets the discount
-- too, which is the price of the bundle; every other bundle earns the margin of a second product.
-- The gain assumes that the share take_up of the baskets with one of the two takes it, over as many
-- baskets as were mined. It is unknown where the shop knows no costs; such pairs are in order of
-- the joint baskets that chance does not explain.
{% set rows = 20 %}
{% set discount = 0.10 %}
{% set take_up = 0.10 %}
with

rules as (

    select
        antecedent_keys as product_id,
        consequent_key as other_product_id,
        antecedents as product_name,
        consequent as other_product_name,
        antecedent_count as baskets,
        consequent_count as other_baskets,
        rule_count as joint_baskets,
        {{ as_decimal('lift') }} as lift,
        {{ as_decimal('leverage * basket_count') }} as baskets_beyond_chance,
        row_number() over (
            partition by
                least(antecedent_keys, consequent_key), greatest(antecedent_keys, consequent_key)
            order by antecedent_keys
        ) as direction
    from {{ ref('market_basket_rules') }}
    where rule_length = 2

),

products as (

    select
        product_id,
        price,
        profit_margin
    from {{ ref('product_performance') }}

),

stock as (

    select
        product_id,
        is_out_of_stock or is_discontinued as is_missing
    from {{ ref('inventory_health') }}

),

pairs as (

    select
        rules.product_id,
        rules.other_product_id,
        rules.product_name,
        rules.other_product_name,
        rules.joint_baskets,
        rules.baskets + rules.other_baskets - 2 * rules.joint_baskets as single_baskets,
        rules.lift,
        rules.baskets_beyond_chance,
        products.price + others.price as price,
        cast((products.price + others.price) * {{ discount }} as numeric(18, 2)) as price_cut,
        -- what a second product brings: on average over those who lack the one and the other
        {{ divide(
            '((rules.baskets - rules.joint_baskets) * others.profit_margin'
            ~ ' + (rules.other_baskets - rules.joint_baskets) * products.profit_margin)',
            '(rules.baskets + rules.other_baskets - 2 * rules.joint_baskets)'
        ) }} as second_margin
    from rules
    left join products on rules.product_id = products.product_id
    left join products as others on rules.other_product_id = others.product_id
    left join stock on rules.product_id = stock.product_id
    left join stock as other_stock on rules.other_product_id = other_stock.product_id
    where
        rules.direction = 1
        and not coalesce(stock.is_missing or other_stock.is_missing, false)

),

pairs_valued as (

    select
        product_name,
        other_product_name,
        joint_baskets,
        single_baskets,
        lift,
        baskets_beyond_chance,
        price,
        price - price_cut as bundle_price,
        second_margin - price_cut as margin_per_new_bundle,
        cast(
            case
                when second_margin > price_cut
                    then {{ divide(
                        'joint_baskets * price_cut',
                        '(single_baskets * (second_margin - price_cut))',
                        6
                    ) }}
            end as numeric(18, 6)
        ) as take_up_to_pay,
        cast(
            {{ take_up }} * single_baskets * (second_margin - price_cut) - joint_baskets * price_cut
            as numeric(18, 2)
        ) as gain,
        product_id,
        other_product_id
    from pairs

),

pairs_ranked as (

    select
        row_number() over (
            order by
                gain desc nulls last,
                baskets_beyond_chance desc,
                product_id asc,
                other_product_id asc
        ) as place,
        *
    from pairs_valued

)

select * from pairs_ranked
where place <= {{ rows }}
order by place
