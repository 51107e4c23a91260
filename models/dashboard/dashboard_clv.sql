-- One row per country of customers, churn risk and bin of lifetime value with customers. Bins are
-- equally wide, so that nine of ten customers lie in the first 16 or fewer; bin 24 is open.
with

customer_values as (

    select
        customer_id,
        churn_risk,
        clv
    from {{ ref('customer_lifetime_value') }}

),

customers as (

    select
        customer_id,
        country
    from {{ ref('dim_customers') }}

),

narrowest as (

    select greatest(1, percentile_cont(0.9) within group (order by clv) / 16) as bin_width
    from customer_values

),

narrowest_scaled as (

    select
        bin_width,
        power(10, floor(log10(bin_width))) as unit
    from narrowest

),

-- one digit and zeros
widths as (

    select cast(ceil(bin_width / unit) * unit as numeric(18, 2)) as bin_width
    from narrowest_scaled

),

final as (

    select
        customers.country,
        customer_values.churn_risk,
        cast(least(floor(customer_values.clv / widths.bin_width), 24) as bigint) as bin,
        widths.bin_width,
        cast(count(*) as bigint) as customers,
        cast(sum(customer_values.clv) as numeric(18, 2)) as clv
    from customer_values
    cross join widths
    inner join customers on customer_values.customer_id = customers.customer_id
    group by
        customers.country,
        customer_values.churn_risk,
        cast(least(floor(customer_values.clv / widths.bin_width), 24) as bigint),
        widths.bin_width

)

select * from final
