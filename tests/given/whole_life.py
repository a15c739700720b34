"""The life of one article in which everything happens that can happen to it."""

from typing import Any

from events import article
from events.base import Recorded
from tests.projections.lives import Article, Log


def whole_life() -> list[Recorded[Any]]:
    """Return one article's events, each type of the catalogue at least once, in a possible order."""
    log = Log()
    plane = Article(log, "tu-144", locale="ru", title="Ту-144", body="Первый полёт")
    plane.revise(title="Ту-144С", body="Первый полёт 31 декабря 1968", reason="the date")
    plane.submit()
    plane.step(article.ArticleWithdrawn)
    plane.submit()
    plane.give_back("A source, please")
    plane.revise(reverts=1, title="Ту-144")
    plane.submit()
    plane.publish()
    plane.rename("tupolev-tu-144")
    plane.step(article.ArticleUnpublished)
    plane.step(article.ArticleArchived)
    plane.step(article.ArticleRestored)
    plane.release("tu-144")
    return log.events
