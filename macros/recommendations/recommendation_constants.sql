{#-
    Constants of baskets and recommendations: values that a shop has no reason of its own to change.
    What it may have one for is a knob of dbt_project.yml. Where nothing else is said, a value did
    best on generated shops of seeds 21 to 32 and on Online Retail as of 31 August 2011;
    benchmarks/recommendations.py measures another one.
-#}

{#- Most items of a rule, both sides. Nobody reads longer ones, and each further item multiplies
    their number; SQL, which mines where no Python model runs, stops at three. -#}
{% macro basket_rule_items() %}{{ return(4) }}{% endmacro %}

{#- How many of the newest products a customer bought count as taste. It bounds the work: fifteen
    make 105 pairs, however much a customer buys. -#}
{% macro recommendation_history_products() %}{{ return(15) }}{% endmacro %}

{#- A purchase so many days before the customer's newest one weighs half as much. Two years: taste
    is steadier than demand. -#}
{% macro recommendation_half_weight_days() %}{{ return(730) }}{% endmacro %}

{#- How many products are kept as likely companions, and as lookalikes, of each: as many as a list
    is long. It bounds the work, too. -#}
{% macro recommendation_neighbours() %}{{ return(10) }}{% endmacro %}

{#- Joint buyers must exceed chance by so many standard errors; the rest counts. Two are what
    chance leaves one time in forty. -#}
{% macro recommendation_chance_errors() %}{{ return(2) }}{% endmacro %}

{#- So many buyers without a further purchase are assumed beside the real buyers of a product, so
    that a few joint purchases of a rare one say little. -#}
{% macro recommendation_prior_customers() %}{{ return(30) }}{% endmacro %}

{#- How often those buy what resembles the product fully, against demand for it: enough for a new
    product to get companions, too little to outdo purchases. -#}
{% macro recommendation_content_weight() %}{{ return(0.1) }}{% endmacro %}

{#- How much more demand there is in the favourite category of a customer who buys nothing else. -#}
{% macro recommendation_category_percent() %}{{ return(5) }}{% endmacro %}

{#- How far a customer's price level decides between cheap and dear products; 0: not at all, 100:
    as far as the purchases tell. -#}
{% macro recommendation_price_percent() %}{{ return(50) }}{% endmacro %}

{#- So many purchases at the usual price level are assumed beside a customer's real ones. -#}
{% macro recommendation_price_prior_products() %}{{ return(15) }}{% endmacro %}

{#- A word, or a subcategory, on more products than this tells nothing of any of them; and
    comparing all of its products with each other would take the square of their number. -#}
{% macro recommendation_common_word_products() %}{{ return(100) }}{% endmacro %}

{#- What two products have in common, as parts of 1: all of their telling words, the subcategory,
    the category, the fifth of the price list. Words tell most; a category of half the shop tells
    little. -#}
{% macro recommendation_likeness() %}
    {{ return({'words': 0.4, 'subcategory': 0.3, 'category': 0.1, 'price_band': 0.2}) }}
{% endmacro %}

{#- Share of words in common from which a product of another subcategory is of the same kind. -#}
{% macro recommendation_same_kind_word_share() %}{{ return(0.5) }}{% endmacro %}

{#- Most customers whose newest order is held out to test the recommendations: a hit rate of a
    fifth is then known to within 0.008. -#}
{% macro recommendation_test_customers() %}{{ return(10000) }}{% endmacro %}

{#- Lengths of lists the test reports, rising: one product, a row of them, a page. -#}
{% macro recommendation_accuracy_ks() %}{{ return([1, 3, 5, 10]) }}{% endmacro %}

{#- Length of the lists that are ranked: a customer's, or the longest that is tested. -#}
{% macro recommendation_list_length() %}
    {{ return([var('recommendations_per_customer'), recommendation_accuracy_ks() | max] | max) }}
{% endmacro %}
