-- One row per payment attempt.
with

base_payments as (

    select * from {{ ref('base_payments') }}
    where rejection_reason is null

),

payment_methods as (

    select
        raw_method,
        payment_method
    from {{ ref('ref_payment_methods') }}

),

payment_statuses as (

    select
        raw_status,
        payment_status
    from {{ ref('ref_payment_statuses') }}

),

final as (

    select
        base_payments.payment_id,
        base_payments.order_id,
        coalesce(
            payment_methods.payment_method,
            {{ as_code('base_payments.payment_method') }},
            'Unknown'
        ) as payment_method,
        coalesce(
            payment_statuses.payment_status,
            {{ as_code('base_payments.status') }},
            'paid'
        ) as payment_status,
        base_payments.amount,
        base_payments.invalid_columns,
        (
            base_payments.payment_method is null or payment_methods.raw_method is not null
        ) as is_method_mapped,
        (
            base_payments.status is null or payment_statuses.raw_status is not null
        ) as is_status_mapped,
        base_payments.paid_at
    from base_payments
    left join payment_methods
        on {{ match_key('base_payments.payment_method') }} = payment_methods.raw_method
    left join payment_statuses
        on {{ match_key('base_payments.status') }} = payment_statuses.raw_status

)

select * from final
