"""Names of views and targets on the page."""

from ecglens.datamodules import Target
from ecglens.report.text import target_words

from ..analysis import Analysis

VIEWS = {"full": "twelve leads", "averaged": "averaged beat"}


def views_of(analysis: Analysis) -> list[str]:
    """Views with votes, in order of the vote table."""
    return [str(view) for view in dict.fromkeys(view for view, _ in analysis.votes.columns)]


def title_of(analysis: Analysis, target: str) -> str:
    """Name of the target as a title."""
    result = analysis.results.get(target)
    return target_words(result.about.target if result else Target(target, "", target))
