"""The life of one article in which everything happens that can happen to it."""

from typing import Any

from events.base import Recorded
from events.kinds.article import ARTICLE
from tests.projections.lives import Article, Log


def whole_life() -> list[Recorded[Any]]:
    """Return one article's events, each type of the catalogue at least once, in a possible order."""
    log = Log()
    plane = Article(log, "tu-144", locale="ru", title="Ту-144", body="Первый полёт")
    plane.revise(title="Ту-144С", body="Первый полёт 31 декабря 1968", reason="the date")
    plane.submit()
    plane.step(ARTICLE.life.withdrawn)
    plane.submit()
    plane.give_back("A source, please")
    plane.revise(reverts=1, title="Ту-144")
    plane.submit()
    plane.publish()
    plane.rename("tupolev-tu-144")
    plane.step(ARTICLE.life.unpublished)
    plane.step(ARTICLE.life.archived)
    plane.step(ARTICLE.life.restored)
    plane.release("tu-144")
    return log.events
