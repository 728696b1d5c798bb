"""What couldn't be written when it was heard is told to the same use cases again, as soon as the database answers.

They take it as they take any word that comes late or twice. The placer calls this before it places anything, so that
nobody is rung for a caller of whom this process knows that they left.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from helpline.calls.conversation import Conversation
from helpline.calls.unheard import About, Unheard, Word
from helpline.lines import Line
from helpline.store.deadline import within
from helpline.store.erasures import erase_text
from helpline.store.sessions import Store, StoreDown

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Retelling:
    """Each word has as many `seconds` for its database work as the webhook had that brought it.

    `texts` are words of text messages, kept apart so that many of them push out none of a call's.
    """

    unheard: Unheard
    texts: Unheard
    store: Store
    conversation: Conversation
    lines: Mapping[str, Line]
    seconds: float

    def run(self, now: int) -> None:
        """Tells all that waits at `now` (UTC seconds), until the database takes one of them no more.

        Raises `StoreDown` when it wasn't even asked: whoever asks all the same would ring for callers who left.
        """
        try:
            for words in (self.unheard, self.texts):
                words.retell(lambda word: self._tell(word, now))
        except StoreDown:
            raise
        except SQLAlchemyError:
            # Waiting callers don't wait for a word that can't be written, though nothing else be wrong. The log had it
            # when it was heard, and has it again should it be dropped.
            return

    def end(self, now: int) -> None:
        """A last try: this process stops."""
        with suppress(StoreDown):
            self.run(now)
        if left := self.unheard.give_up() + self.texts.give_up():
            log.warning("unheard.lost", extra={"n": left})

    def _tell(self, word: Word, now: int) -> None:
        line, talk = self.lines[word.line], self.conversation
        heard = min(word.heard, now)  # the clock may have been set back since
        with within(self.seconds):
            match word.about:
                case About.BRIDGED:
                    talk.psychologist.announced(line, word.token, heard)
                case About.CALLER:
                    talk.caller.gone(line, word.hook, now, heard)
                case About.CALL:
                    talk.caller.call_status(line, word.hook, now, heard)
                case About.CALLED_BACK:
                    talk.calling_back.over(line, word.token, word.hook, heard)
                case About.TEXT:
                    with self.store.durable() as tx:
                        erase_text(tx, word.hook.call, heard)
