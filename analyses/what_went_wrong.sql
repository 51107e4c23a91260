-- What went wrong, when, and where should one look for the cause?
-- How to read it: each row is a run of bad days, newest first; where_to_look is the part of the
-- shop that explains most of the worst of them. A calendar_event may explain a day without a fault.
-- Reads anomalies, daily_sales.
--
-- Bad days are those on which sales, orders or conversion fell below their band, or refunds or
-- rejected rows rose above it. Days of one metric belong to one run where at most so many days as
-- longest_gap lie between them. Figures are means of the bad days, against the middle of the band.
{% set days = 365 %}
{% set longest_gap = 3 %}
{% set bad_when_high = ['refunds', 'rejected_rows'] %}
with

clock as (

    select cast({{ dbt.dateadd('day', -days, 'max(sale_date)') }} as date) as day_before
    from {{ ref('daily_sales') }}

),

bad_days as (

    select
        metric,
        metric_date,
        calendar_event,
        explaining_dimension,
        explaining_value,
        value,
        expected_value,
        abs(robust_score) as severity,
        lag(metric_date) over (partition by metric order by metric_date) as previous_date
    from {{ ref('anomalies') }}
    where
        direction
        = case when metric in ({{ quoted_list(bad_when_high) }}) then 'up' else 'down' end

),

runs_begun as (

    select
        bad_days.*,
        case
            when
                {{ dbt.datediff('bad_days.previous_date', 'bad_days.metric_date', 'day') }}
                <= {{ longest_gap }} + 1
                then 0
            else 1
        end as is_begin
    from bad_days
    inner join clock on bad_days.metric_date > clock.day_before

),

runs_numbered as (

    select
        *,
        sum(is_begin) over (partition by metric order by metric_date) as run_number
    from runs_begun

),

days_ranked as (

    select
        *,
        row_number() over (
            partition by metric, run_number
            order by severity desc, metric_date asc
        ) as severity_rank
    from runs_numbered

),

runs as (

    select
        metric,
        min(metric_date) as first_day,
        max(metric_date) as last_day,
        count(*) as bad_days,
        avg(value) as value,
        avg(expected_value) as expected_value,
        min(
            case
                when severity_rank = 1
                    then explaining_dimension || ' ' || explaining_value
            end
        ) as where_to_look,
        max(severity) as severity,
        min(calendar_event) as calendar_event
    from days_ranked
    group by metric, run_number

)

select
    metric,
    first_day,
    last_day,
    cast(bad_days as bigint) as bad_days,
    {{ as_decimal('value', 4) }} as value_per_day,
    {{ as_decimal('expected_value', 4) }} as expected_per_day,
    where_to_look,
    {{ as_decimal('severity', 1) }} as severity,
    calendar_event
from runs
order by last_day desc, metric
