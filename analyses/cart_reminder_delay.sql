-- How long after a cart was left should the reminder go out?
-- How to read it: each row is a delay. The longer it is, the fewer mails go to people who would
-- have bought anyway (needless_share): wait until the next row spares hardly any more.
-- Reads cart_abandonment.
--
-- Carts old enough to know whether they were recovered within var cart_recovery_days days. A cart
-- is open at a delay when nothing was bought until then; of the open ones some are recovered later
-- without a mail, the others are lost and their value is what reminders can win. That interest
-- cools while one waits is not in the data: where rows hardly differ, send early. Carts of people
-- the shop has no address of are counted too.
{% set delays_in_hours = [1, 3, 6, 12, 24, 48, 72, 120] %}
with

carts as (

    select
        session_id,
        cart_value,
        hours_to_recovery,
        is_recovered
    from {{ ref('cart_abandonment') }}
    where is_recovery_complete and not is_cart_emptied

),

delays as (
    {%- for delay in delays_in_hours %}
    select {{ delay }} as delay_hours
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

carts_counted as (

    select
        delays.delay_hours,
        count(*) as open_carts,
        sum(case when carts.is_recovered then 1 else 0 end) as recovered_carts,
        sum(case when carts.is_recovered then 0 else carts.cart_value end) as lost_value
    from delays
    inner join carts
        on not carts.is_recovered or delays.delay_hours < carts.hours_to_recovery
    group by delays.delay_hours

)

select
    delay_hours,
    cast(open_carts as bigint) as open_carts,
    cast(recovered_carts as bigint) as recovered_later,
    {{ divide('recovered_carts', 'open_carts', 6) }} as needless_share,
    cast(lost_value as numeric(18, 2)) as lost_value,
    {{ divide('lost_value', 'open_carts') }} as lost_value_per_mail
from carts_counted
order by delay_hours
