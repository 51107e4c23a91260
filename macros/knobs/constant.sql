{#-
    A number the methods stand on that no shop would set with a reason: what a shop would is a var of
    dbt_project.yml. Each says its meaning, its unit and where it comes from.
-#}
{% macro constant(name) %}
    {%- set constants = {
        'seasonality_peak_errors': 2,
        'forecast_min_history_months': 3,
        'forecast_margin_percent': 30,
        'forecast_one_year_percent': 80,
        'clv_time_unit_days': 7,
        'clv_min_repeat_customers': 30,
        'clv_exact_customers': 50000,
        'clv_group_days': 7,
        'clv_lapse_probability': 0.5,
        'ltv_payback_max_months': 24,
        'xyz_months': 12,
        'sentiment_reach': 3,
        'sentiment_threshold': 0.05,
        'mismatch_threshold': 0.3,
    } -%}
    {#-
        seasonality_peak_errors       A period is a peak only this many standard errors above the average
                                      one, so that one good day makes no peak (95 % of chance lies below).
        forecast_min_history_months   Months known before the back-test forecasts for the first time.
        forecast_margin_percent       By how much less than the method in office a method must miss the
                                      back-test's months to take its place: below it, luck decides.
        forecast_one_year_percent     Share of the seasonal swings to believe while no month of the year
                                      was seen twice.
        clv_time_unit_days            Unit of time of the purchase models; it scales alpha and nothing else.
        clv_min_repeat_customers      With fewer repeat customers averages take the place of a model.
        clv_exact_customers           Shops with more customers are fitted on groups of clv_group_days days
                                      and of 1 % of value, which moves parameters by less than 0.3 %.
        clv_group_days                Days of recency and of age that fall into one such group.
        clv_lapse_probability         Probability of being alive at which a silence counts as a lapse.
        ltv_payback_max_months        How far ltv_payback looks; months of 30 days.
        xyz_months                    Complete months that variability of demand is judged on: a whole year.
        sentiment_reach               Words before an opinion within which a negation or intensifier stands
                                      (VADER, Hutto & Gilbert 2014, looks as far).
        sentiment_threshold           Polarity from which a review is positive, and from whose negative
                                      down it is negative (VADER's own advice).
        mismatch_threshold            Polarity against the stars from which a review contradicts its rating.
    -#}
    {%- if name not in constants -%}
        {%- do exceptions.raise_compiler_error('there is no constant ' ~ name) -%}
    {%- endif -%}
    {{- return(constants[name]) -}}
{% endmacro %}
