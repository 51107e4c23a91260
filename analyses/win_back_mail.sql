-- Who should get the win-back mail, and which product should it show?
-- How to read it: from the top down, as far as the mailing reaches. These customers have probably
-- left, the first would bring most within a year if they came back (value_if_back); show each of
-- them the product named beside them.
-- Reads customer_lifetime_value, customer_rfm, customer_recommendations, product_performance,
-- dim_customers.
--
-- Left means silent for longer than the customer's own rhythm explains (is_lapsed). At stake is
-- what the customer is worth if still there, less what is expected of them as things stand. In a
-- shop whose data do not show who leaves, the RFM segment decides and all of that worth is at
-- stake. The probability of being alive has a lower end, below which a mail comes too late;
-- customers whose address is invalid are left out. The product is the best of the customer's
-- recommendations that is not sent back too often.
{% set rows = 50 %}
{% set lowest_probability_alive = 0.01 %}
{% set highest_refund_rate = 0.10 %}
{% set losing_segments = ["At Risk", "Can't Lose Them", "About To Sleep"] %}
with

customer_values as (

    select
        customer_id,
        historical_orders,
        historical_revenue,
        silence_days,
        probability_alive,
        clv,
        {{ as_decimal('clv / probability_alive') }} as value_if_back,
        churn_risk,
        is_lapsed
    from {{ ref('customer_lifetime_value') }}
    where probability_alive >= {{ lowest_probability_alive }}

),

segments as (

    select
        customer_id,
        segment
    from {{ ref('customer_rfm') }}

),

customers as (

    select
        customer_id,
        full_name,
        email
    from {{ ref('dim_customers') }}
    where email is null or is_email_valid

),

recommendations as (

    select
        customer_id,
        product_id,
        product_name,
        reason,
        recommendation_rank
    from {{ ref('customer_recommendations') }}

),

satisfying_products as (

    select product_id
    from {{ ref('product_performance') }}
    where coalesce(refund_rate, 0) <= {{ highest_refund_rate }}

),

offers as (

    select
        recommendations.customer_id,
        recommendations.product_name,
        recommendations.reason,
        row_number() over (
            partition by recommendations.customer_id
            order by recommendations.recommendation_rank
        ) as offer_number
    from recommendations
    inner join satisfying_products
        on recommendations.product_id = satisfying_products.product_id

),

customers_lost as (

    select
        customer_values.customer_id,
        customers.full_name,
        customers.email,
        segments.segment,
        customer_values.silence_days,
        customer_values.historical_orders,
        customer_values.historical_revenue,
        customer_values.probability_alive,
        customer_values.value_if_back,
        customer_values.value_if_back
        - case when customer_values.churn_risk = 'Unknown' then 0 else customer_values.clv end
            as value_at_stake,
        offers.product_name as offer,
        offers.reason as offer_reason
    from customer_values
    inner join customers on customer_values.customer_id = customers.customer_id
    inner join segments on customer_values.customer_id = segments.customer_id
    left join offers
        on customer_values.customer_id = offers.customer_id and offers.offer_number = 1
    where
        customer_values.is_lapsed
        or (
            customer_values.churn_risk = 'Unknown'
            and segments.segment in ({{ quoted_list(losing_segments) }})
        )

),

customers_ranked as (

    select
        row_number() over (
            order by value_at_stake desc, value_if_back desc, customer_id asc
        ) as place,
        *
    from customers_lost

)

select * from customers_ranked
where place <= {{ rows }}
order by place
