-- One row per invoice line, in the file's own words, with a key of its own.
{{ config(materialized='table') }}
with

lines as (

    select *
    from {{ source_rows('online_retail', 'online_retail', [
        'invoiceno', 'stockcode', 'description', 'quantity', 'invoicedate', 'unitprice',
        'customerid', 'country',
    ]) }} as file_rows

),

lines_numbered as (

    select
        *,
        row_number() over (
            partition by invoiceno
            order by stockcode, description, invoicedate, quantity, unitprice
        ) as line_number
    from lines

),

final as (

    select
        invoiceno || '-' || cast(line_number as {{ dbt.type_string() }}) as order_item_id,
        invoiceno as order_id,
        stockcode as product_id,
        -- 17850 and 17850.0 are the same customer: spreadsheets write the latter.
        nullif(split_part(customerid, '.', 1), '') as customer_id,
        description,
        country,
        quantity,
        unitprice as unit_price,
        coalesce({{ read_as('quantity', 'integer') }} > 0, false)
        and coalesce({{ read_as('unitprice', 'numeric(16, 4)') }} > 0, false) as is_sold,
        case
            when invoicedate like '%/%'
                then
                    split_part(split_part(invoicedate, ' ', 1), '/', 3)
                    || '-' || lpad(split_part(invoicedate, '/', 1), 2, '0')
                    || '-' || lpad(split_part(invoicedate, '/', 2), 2, '0')
                    || ' ' || lpad(split_part(invoicedate, ' ', 2), 5, '0')
            else invoicedate
        end as ordered_at
    from lines_numbered

)

select * from final
