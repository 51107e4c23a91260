-- Which coupons win customers who stay, and which only cost money?
-- How to read it: keep coupons that win customers who stay and rethink those whose customers leave.
-- Where existing_order_share is high the discount mostly went to people who were customers already,
-- and discount_per_new_customer soon exceeds what advertising asks for one.
-- Reads coupon_cohorts.
--
-- A coupon's customers are those whose first sale used it. They are compared with the customers won
-- without one by the share that bought again within var coupon_repeat_days days; the difference is
-- clear when it is larger than its margin of error at 95 % (two proportions). Who uses a coupon may
-- differ from who does not, so the difference is a hint, not the coupon's effect.
{% set fewest_customers = 20 %}
with

coupons as (

    select
        coupon_code,
        orders,
        net_sales,
        discounts,
        discount_rate,
        new_customers,
        observed_customers,
        repeat_customers,
        repeat_rate,
        revenue_per_customer
    from {{ ref('coupon_cohorts') }}

),

without_coupon as (

    select
        observed_customers,
        repeat_customers,
        repeat_rate
    from coupons
    where coupon_code = 'no coupon'

),

coupons_compared as (

    select
        coupons.*,
        without_coupon.repeat_rate as usual_repeat_rate,
        coupons.repeat_rate - without_coupon.repeat_rate as difference,
        {{ as_decimal(
            '1.96 * sqrt('
            ~ 'cast(coupons.repeat_rate as ' ~ dbt.type_float() ~ ') * (1 - coupons.repeat_rate)'
            ~ ' / nullif(coupons.observed_customers, 0)'
            ~ ' + cast(without_coupon.repeat_rate as ' ~ dbt.type_float() ~ ')'
            ~ ' * (1 - without_coupon.repeat_rate)'
            ~ ' / nullif(without_coupon.observed_customers, 0))',
            6
        ) }} as margin_of_error
    from coupons
    cross join without_coupon

)

select
    coupon_code,
    case
        when coupon_code = 'no coupon' then 'what the others are compared with'
        when observed_customers < {{ fewest_customers }} then 'too few customers to tell'
        when difference > margin_of_error then 'wins customers who stay'
        when -difference > margin_of_error then 'wins customers who leave'
        else 'no clear difference'
    end as verdict,
    orders,
    net_sales,
    discounts,
    {{ divide('(orders - new_customers)', 'orders', 6) }} as existing_order_share,
    new_customers,
    {{ divide('discounts', 'new_customers') }} as discount_per_new_customer,
    observed_customers,
    repeat_rate,
    cast(difference as numeric(18, 6)) as difference,
    cast(case when coupon_code <> 'no coupon' then margin_of_error end as numeric(18, 6))
        as margin_of_error,
    revenue_per_customer
from coupons_compared
order by discounts desc, coupon_code
