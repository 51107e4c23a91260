-- Every customer has a row in customer_metrics, and every month of a customer one in the history of
-- segments; neither has others.
with

customers as (

    select customer_id
    from {{ ref('dim_customers') }}

),

metrics as (

    select customer_id
    from {{ ref('customer_metrics') }}

),

months as (

    select
        customer_id,
        activity_month
    from {{ ref('customer_monthly_activity') }}

),

history as (

    select
        customer_id,
        segment_month
    from {{ ref('customer_segment_history') }}

)

select
    coalesce(customers.customer_id, metrics.customer_id) as customer_id,
    cast(null as date) as segment_month
from customers
full outer join metrics on customers.customer_id = metrics.customer_id
where customers.customer_id is null or metrics.customer_id is null
union all
select
    coalesce(months.customer_id, history.customer_id) as customer_id,
    coalesce(months.activity_month, history.segment_month) as segment_month
from months
full outer join history
    on months.customer_id = history.customer_id and months.activity_month = history.segment_month
where months.customer_id is null or history.customer_id is null
