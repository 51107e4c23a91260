-- One row per registered customer.
with

base_customers as (

    select * from {{ ref('base_customers') }}
    where rejection_reason is null

),

countries as (

    select
        raw_country,
        country
    from {{ ref('ref_countries') }}

),

final as (

    select
        base_customers.customer_id,
        base_customers.first_name,
        base_customers.last_name,
        lower(base_customers.email) as email,
        base_customers.customer_segment,
        {{ as_code('base_customers.acquisition_channel') }} as acquisition_channel,
        coalesce(countries.country, base_customers.country) as country,
        base_customers.region,
        base_customers.city,
        base_customers.invalid_columns,
        coalesce({{ matches(
            'base_customers.email', '^[^@ ]+@[^@ ]+[.][^@ .]+$'
        ) }}, false) as is_email_valid,
        (base_customers.country is null or countries.raw_country is not null) as is_country_mapped,
        base_customers.registered_at,
        base_customers.updated_at
    from base_customers
    left join countries on {{ match_key('base_customers.country') }} = countries.raw_country

)

select * from final
