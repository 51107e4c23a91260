-- divide() gives the decimal that pencil and paper give, also where a binary float lies below the
-- half, and null over zero.
with

cases as (

    {%- for numerator, denominator, expected in [
        ('100.01', 2, '50.01'),
        ('-100.01', 2, '-50.01'),
        ('1.01', 8, '0.13'),
        ('1.00', 3, '0.33'),
        ('9999999999.99', 2, '5000000000.00'),
        ('0.00', 7, '0.00'),
        ('1.00', 0, 'null'),
    ] %}
    select
        cast({{ numerator }} as numeric(18, 2)) as numerator,
        {{ denominator }} as denominator,
        cast({{ expected }} as numeric(18, 2)) as expected
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

),

quotients as (

    select
        numerator,
        denominator,
        expected,
        {{ divide('numerator', 'denominator') }} as quotient
    from cases

)

select *
from quotients
where quotient is distinct from expected
