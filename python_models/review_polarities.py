"""One row per review with a text: its polarity and subjectivity by VADER."""


def model(dbt, session):  # noqa: ANN001, ANN201 (dbt calls it and gives no types)
    from sentiment import polarity, subjectivity

    reviews = dbt.ref("fct_reviews").filter("review_text is not null")
    for function in (polarity, subjectivity):
        session.create_function(function.__name__, function, ["varchar"], "double")
    return reviews.project(
        "review_id, polarity(review_text) as polarity, subjectivity(review_text) as subjectivity"
    )
