"""Polarity and subjectivity of English review texts with VADER."""

from __future__ import annotations

from functools import cache, lru_cache

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer


@cache
def analyzer() -> SentimentIntensityAnalyzer:
    """The analyzer with its word list, read once."""
    return SentimentIntensityAnalyzer()


@lru_cache(maxsize=100_000)
def polarity_and_subjectivity(text: str) -> tuple[float, float]:
    """Polarity -1 (worst) to 1 (best) and the share 0 to 1 of the text that carries an opinion.

    Method: Hutto & Gilbert (2014), VADER: A Parsimonious Rule-based Model for Sentiment Analysis of
    Social Media Text. Polarity is its compound score, subjectivity what its neutral share leaves.
    """
    scores = analyzer().polarity_scores(text)
    return scores["compound"], round(1 - scores["neu"], 3) if text.strip() else 0.0


def polarity(text: str) -> float:
    """Polarity of a text, -1 (worst) to 1 (best)."""
    return polarity_and_subjectivity(text)[0]


def subjectivity(text: str) -> float:
    """Share of a text that carries an opinion, 0 to 1."""
    return polarity_and_subjectivity(text)[1]
