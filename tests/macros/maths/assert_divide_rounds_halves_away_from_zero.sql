-- divide() gives the decimal that pencil and paper give, also where a binary float lies below the half,
-- and null over zero.
with

cases as (

    select
        cast(100.01 as numeric(18, 2)) as numerator,
        2 as denominator,
        cast(50.01 as numeric(18, 2)) as expected
    union all
    select -100.01, 2, -50.01
    union all
    select 1.01, 8, 0.13
    union all
    select 1.00, 3, 0.33
    union all
    select 9999999999.99, 2, 5000000000.00
    union all
    select 0.00, 7, 0.00
    union all
    select 1.00, 0, null

)

select *
from cases
where {{ divide('numerator', 'denominator') }} is distinct from expected
