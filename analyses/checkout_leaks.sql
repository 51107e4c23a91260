-- At which step does the shop lose buyers it need not lose?
-- How to read it: work on the step and device at the top; were it as good there as on the best
-- device, extra_sales more would have been sold in the days looked at. Trust rows that are clear.
-- Reads conversion_funnel, daily_sales.
--
-- Each step of the funnel on each device is compared with the device that does it best among those
-- with enough sessions. The sessions gained are taken to go on to a purchase, and to buy for as
-- much, as the device's others do. The difference is clear when it is larger than its margin of
-- error at 95 % (two proportions). Steps are not to be added up. Set split to channel to compare
-- channels.
{% set split = 'device' %}
{% set days = 90 %}
{% set fewest_sessions = 50 %}
{% set steps = [
    ('product_view', 'sessions', 'product_view_sessions'),
    ('cart', 'product_view_sessions', 'cart_sessions'),
    ('checkout', 'cart_sessions', 'checkout_sessions'),
    ('purchase', 'checkout_sessions', 'purchase_sessions'),
] %}
with

clock as (

    select cast({{ dbt.dateadd('day', -days, 'max(sale_date)') }} as date) as day_before
    from {{ ref('daily_sales') }}

),

funnel as (

    select
        session_date,
        {{ split }},
        sessions,
        product_view_sessions,
        cart_sessions,
        checkout_sessions,
        purchase_sessions,
        converted_sessions,
        net_sales
    from {{ ref('conversion_funnel') }}

),

groups_summed as (

    select
        funnel.{{ split }} as split_value,
        sum(funnel.sessions) as sessions,
        sum(funnel.product_view_sessions) as product_view_sessions,
        sum(funnel.cart_sessions) as cart_sessions,
        sum(funnel.checkout_sessions) as checkout_sessions,
        sum(funnel.purchase_sessions) as purchase_sessions,
        sum(funnel.converted_sessions) as converted_sessions,
        sum(funnel.net_sales) as net_sales
    from funnel
    inner join clock on funnel.session_date > clock.day_before
    group by funnel.{{ split }}

),

steps as (
    {%- for step, before, after in steps %}
    select
        {{ loop.index }} as step_number,
        '{{ step }}' as step,
        split_value,
        {{ before }} as sessions_before,
        {{ after }} as sessions_after,
        {{ divide('purchase_sessions', after, 6) }} as purchases_per_session_after,
        {{ divide('net_sales', 'converted_sessions') }} as sales_per_purchase
    from groups_summed
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

steps_rated as (

    select
        *,
        {{ divide('sessions_after', 'sessions_before', 6) }} as rate
    from steps
    where sessions_before >= {{ fewest_sessions }}

),

steps_ranked as (

    select
        *,
        row_number() over (
            partition by step_number
            order by rate desc, split_value asc
        ) as rate_rank
    from steps_rated

),

steps_compared as (

    select
        steps_ranked.*,
        best.split_value as best_at,
        best.rate as best_rate,
        (steps_ranked.sessions_before * best.rate - steps_ranked.sessions_after)
        * steps_ranked.purchases_per_session_after as extra_orders,
        {{ as_decimal(
            '1.96 * sqrt('
            ~ 'cast(steps_ranked.rate as ' ~ dbt.type_float() ~ ') * (1 - steps_ranked.rate)'
            ~ ' / steps_ranked.sessions_before'
            ~ ' + cast(best.rate as ' ~ dbt.type_float()
            ~ ') * (1 - best.rate) / best.sessions_before)',
            6
        ) }} as margin_of_error
    from steps_ranked
    inner join steps_ranked as best
        on steps_ranked.step_number = best.step_number and best.rate_rank = 1
    where steps_ranked.rate_rank > 1

)

select
    step,
    split_value as {{ split }},
    cast(sessions_before as bigint) as sessions,
    rate,
    best_at,
    best_rate,
    best_rate - rate > margin_of_error as is_clear,
    cast(extra_orders as numeric(18, 1)) as extra_orders,
    cast(extra_orders * sales_per_purchase as numeric(18, 2)) as extra_sales
from steps_compared
order by is_clear desc, extra_sales desc nulls last, step, split_value
