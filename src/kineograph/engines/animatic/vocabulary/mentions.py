"""Who is in the picture: counts, colours, sizes, materials, actions and places bound to their nouns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kineograph.engines.animatic.vocabulary.attire import PLAIN, SLOTS, Attire, Said, said_of
from kineograph.engines.animatic.vocabulary.bonds import has_hands, is_held, settle
from kineograph.engines.animatic.vocabulary.cast import Cast, Mention
from kineograph.engines.animatic.vocabulary.lexicon import Lexicon, Meaning, action_for
from kineograph.engines.animatic.vocabulary.reading import Word

PLURAL, HERD = 3, 7  # "kittens", without a number; 驼队
BREEDING = ("quadruped", "bird", "fish")  # whose young are of their kind
THINGS = ("object", "product", "food", "plant", "building")  # nobody waits for them to act
DYED = ("colour", "material", "size")  # what waits for its noun, or follows it in languages that put it so


class Binder:
    """Walks the words once; what waits for its noun waits in `_waiting`, clothes in `_attire`."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.cast = Cast()
        self._kinds = lexicon.kinds
        self._waiting: dict[str, Word] = {}  # count, colour, material, size
        self._dress: str | None = None
        self._attire = Attire()
        self._wearing = False  # "wearing", and nothing named since
        self._posing = False  # "dressed as"
        self._action: str | None = None
        self._relation: Word | None = None  # a preposition that waits for its noun
        self._landmark: tuple[str, Mention] | None = None  # "under a bridge", which waits for who is there
        self._definite = self._whose = False  # "the"; "her"
        self._again: Mention | None = None  # "… the dog": named before, and now once more
        self._and = False
        self._after_noun = False  # the word before was a subject
        self._after_worn: Said | None = None  # or something worn
        self._brought: list[str] = []  # "knitting", before anybody was named
        self._clause = 0

    def bind(self, words: Iterable[Word]) -> Cast:
        """Bind all of them."""
        for word in words:
            if word.clause != self._clause:
                self._end_clause(word.clause)
            if not word.negated:
                self._take(word)
        self._end_clause(-1)
        if (person := self._person()) is not None:
            person.worn += [said for said in self._attire.claim() if said.slot in ("age", "guise")]
        self.cast.lost += self._attire.lost()
        settle(self.cast, self._kinds)
        return self.cast

    def _take(self, word: Word) -> None:
        self._read(word)
        brought = [meaning.value for meaning in word.meanings if meaning.slot == "brings"]
        if brought and not word.negated:
            self._bring(brought, waits=not word.has("subject"))

    def _bring(self, kinds: list[str], *, waits: bool) -> None:
        """A fisherman has a rod, whoever mends nets has one: the last person named, or the next one. What is done comes
        before what one is."""
        people = [each for each in self.cast.mentions if self._kinds[each.kind].family == "biped"]
        if people:
            people[-1].brings[:0] = kinds
        elif waits:
            self._brought += kinds

    def _read(self, word: Word) -> None:
        after_noun, self._after_noun = self._after_noun, False
        after_worn, self._after_worn = self._after_worn, None
        colour = word.meaning("colour")
        if word.has("wear"):
            self._wearing, self._posing = True, word.text.endswith(" as")
        elif word.has(*SLOTS) and not self._is_body(word) and self._is_worn(word):
            self._wear(word, after_noun=after_noun)
        elif (subject := word.meaning("subject")) and not self._is_backdrop(word):
            self._subject(word, subject, after_noun=after_noun)
        elif self._is_backdrop(word):
            self._backdrop(word)
        elif word.has("feature"):
            self._feature(word)
        elif word.has("count"):
            self._waiting["count"], self._definite = word, False
        elif colour and word.after and after_worn is not None and after_worn.worn[1] is None:
            after_worn.worn = (after_worn.worn[0], colour.value)
            self.cast.tell("colours", word.text)
        elif after_noun and word.after and word.has(*DYED):
            self._dye(self.cast.mentions[-1], word)
            self._after_noun = True
        elif colour and colour.how == "tight":
            self._waiting.setdefault("colour", word)
        elif slot := next((slot for slot in DYED if word.has(slot)), None):
            self._waiting[slot] = word
        elif word.has("hands"):
            self.cast.hands = True
            self.cast.tell("relations", word.text)
        elif word.has("cut"):
            self._waiting["cut"] = word
        elif word.has("determiner"):
            self._definite, self._whose = True, word.has("whose")
        elif word.has("locative") and after_noun:
            self._locative(word)
        elif action := word.meaning("action"):
            self._act(word, action.value, self._again if after_noun else None)
            if word.has("relation"):  # riding, carrying
                self._relation = word
        else:
            self._join(word)

    def _join(self, word: Word) -> None:
        """The small words between the nouns, and nouns that are no subjects."""
        if word.text == "的":
            self._attire.hand_on()
        if word.has("background"):
            if self.cast.mentions:
                self.cast.mentions[-1].background = True
        elif word.has("relation"):
            self._relation = word
        elif word.has("and"):
            self._and = True
        elif not word.has("trait", "stop", "measure", "mood", "negate", "restart", "locative", "style"):
            self._consume(word)

    def _is_backdrop(self, word: Word) -> bool:
        """A background, where a colour says that it is one; `studio` words take a colour too."""
        setting = word.meaning("setting")
        studio = setting is not None and setting.value == "studio" and setting.how in ("words", "coloured")
        coloured = "colour" in self._waiting or word.has("colour")
        return studio and coloured and not (setting and setting.kin)

    def _backdrop(self, word: Word) -> None:
        colour = word if word.has("colour") else self._waiting["colour"]
        self.cast.backdrop = _value(colour, "colour")
        self.cast.tell("backdrop", colour.text, word.text)
        self._waiting.clear()
        self._relation = None

    def _subject(self, word: Word, meaning: Meaning, *, after_noun: bool) -> None:
        posing, self._posing = self._posing, False
        if posing:
            self._waiting.pop("count", None)
        if (after_noun or (posing and self.cast.mentions)) and self._is_the_same(word, meaning):
            return
        if word.has("count"):  # a couple
            self._waiting["count"] = word
        mother = self._mother(word, meaning)
        if mother is not None:
            meaning = replace(meaning, value=mother.kind, young=True)
        colour = self._taken("colour") or (mother.colour if mother else None)
        count = self._several(word, meaning, int(self._taken("count") or 0))
        mention = self._again = None if mother else self._known(meaning.value, meaning.young, colour)
        if mention is None:
            mention = Mention(meaning.value, count, meaning.young, action=self._action, joined=self._and)
            mention.clause = self._clause
            mention.colour = colour or self._dressed(meaning.value)
            if self._kinds[mention.kind].family == "biped":
                mention.brings, self._brought = self._brought, []
            self._in_hand(mention)
            self._action, self._and = None, False
            self._relate(mention)
            self.cast.mentions.append(mention)
        else:
            mention.count, mention.colour = max(mention.count, count), mention.colour or colour
            self._relation = None
        mention.material = self._taken("material") or mention.material
        mention.size = self._taken("size") or mention.size
        mention.words.append(word.text)
        if self._kinds[meaning.value].family == "biped":
            mention.worn += self._attire.claim()
            self._wearing = False
        else:
            self._attire.drop_age()
        self._definite, self._after_noun, self._whose = False, True, False

    def _several(self, word: Word, meaning: Meaning, said: int) -> int:
        """How many, if no number was said; "a family" is several too."""
        several = meaning.plural or (word.has("bare") and not self._definite and not said)
        if said > 1 or (said and not several):
            return said
        return HERD if meaning.herd else PLURAL if several else 1

    def _mother(self, word: Word, meaning: Meaning) -> Mention | None:
        """Of "her cub", "its puppy", "a lioness and a cub": the animal named before."""
        if not (meaning.young and self._whose) and not word.has("offspring"):
            return None
        animals = (each for each in reversed(self.cast.mentions) if self._kinds[each.kind].family in BREEDING)
        mother = next((each for each in animals if not each.young), None)
        return mother if mother and (self._whose or self._kinds[meaning.value].family in BREEDING) else None

    def _is_the_same(self, word: Word, meaning: Meaning) -> bool:
        """Two nouns for one person, side by side: a woman chef, a ninja girl."""
        who, kind = self.cast.mentions[-1], meaning.value
        people = self._kinds[who.kind].family == self._kinds[kind].family == "biped"
        apart = self._and or self._definite or "count" in self._waiting
        if not people or apart or (who.kind in PLAIN) == (kind in PLAIN):
            return False
        plain, who.kind = (who.kind, kind) if who.kind in PLAIN else (kind, who.kind)
        who.worn.insert(0, Said((plain, None), word.text, "guise"))
        who.words.append(word.text)
        who.count = max(who.count, PLURAL if meaning.plural else 1)
        self._after_noun = True
        return True

    def _person(self) -> Mention | None:
        """The last person named."""
        return next((m for m in reversed(self.cast.mentions) if self._kinds[m.kind].family == "biped"), None)

    def _in_hand(self, new: Mention) -> None:
        """A thing right after somebody who does something with it: "a man plays the guitar", 女孩撑伞, 孩子堆沙堡."""
        before = self.cast.mentions[-1] if self.cast.mentions else None
        if before is None or self._relation or self._landmark or self._and or before.clause != self._clause:
            return
        if has_hands(before, self._kinds) and before.action == "build":
            new.relation, new.to = "made", before
        elif has_hands(before, self._kinds) and is_held(new.kind, self._kinds):
            new.relation, new.to = "held", before

    def _relate(self, new: Mention) -> None:
        """Left of a preposition stands who is placed, right of it the landmark; without a left side the next one is placed."""
        if self._landmark is not None:
            new.relation, new.to = self._landmark
            self._landmark = None
        if self._relation is None:
            return
        relation = _value(self._relation, "relation")
        if self.cast.mentions:
            self._place(relation, new)
        else:
            self._landmark = (relation, new)
        self.cast.tell("relations", self._relation.text)
        self._relation = None

    def _place(self, relation: str, landmark: Mention) -> None:
        """The last ones named, joined by "and", stand there."""
        for mention in reversed(self.cast.mentions):
            if mention is not landmark and mention.to is None and landmark.to is not mention:
                mention.relation, mention.to = relation, landmark
            if mention is not landmark and not mention.joined:
                break

    def _locative(self, word: Word) -> None:
        """桌子上: the noun comes first. Somebody before it stands there (猫在桌子上), else who comes next (桌子上的猫)."""
        landmark, relation = self.cast.mentions[-1], _value(word, "locative")
        if len(self.cast.mentions) > 1:
            self._place(relation, landmark)
        else:
            self._landmark = (relation, landmark)
        self.cast.tell("relations", word.text)

    def _known(self, kind: str, young: bool, colour: str | None) -> Mention | None:
        """An earlier mention of the same: "a kitten … the cat", or the same words again."""
        for mention in self.cast.mentions:
            if mention.kind != kind or (colour and mention.colour and colour != mention.colour):
                continue
            if self._definite or mention.young == young:
                return mention
        return None

    def _dressed(self, kind: str) -> str | None:
        if self._kinds[kind].family != "biped":
            return None
        colour, self._dress = self._dress, None
        return colour

    def _is_body(self, word: Word) -> bool:
        """Eyes, a tail: parts of the body, which only people's can be coloured."""
        feature = word.meaning("feature")
        return feature is not None and (feature.value == "body" or (self._person() is None and feature.value == "eyes"))

    def _is_worn(self, word: Word) -> bool:
        """A hat is a thing of its own where nobody is there to wear it."""
        return not word.has("subject") or self._person() is not None or (self._wearing and not self.cast.mentions)

    def _wear(self, word: Word, *, after_noun: bool) -> None:
        """Clothes, hair and age belong to the person they are said of; the colour of the clothes is the person's too."""
        if (said := said_of(word, self._taken_for(word), self._cut())) is None:
            return
        person = self._person()
        adjective = said.slot in ("age", "guise")
        if adjective and not (after_noun and word.after):
            self._attire.put(said, None)
            return
        self._attire.put(said, person.worn if person else None)
        self._after_worn = said
        colour = said.worn[1]
        if said.slot == "garment" and colour and person:
            person.colour = colour
        elif said.slot == "garment" and colour:
            self._dress = colour
        self.cast.tell("worn", word.text)
        self._note_kin(word)

    def _taken_for(self, word: Word) -> str | None:
        """The colour that waits; an age leaves it to the noun: "a red old car"."""
        return None if word.has("age", "guise") else self._taken("colour")

    def _cut(self) -> str | None:
        """Whether what comes is long or short."""
        for slot in ("cut", "size"):
            word = self._waiting.get(slot)
            if word is not None and (meaning := word.meaning("cut")) is not None:
                return meaning.value
        return None

    def _feature(self, word: Word) -> None:
        """Eyes and hair of animals have the colour of the row: another one is not understood."""
        if "colour" in self._waiting:
            self.cast.lost.append(f"{self._waiting.pop('colour').text} {word.text}")
        self._note_kin(word)

    def _note_kin(self, word: Word) -> None:
        if any(meaning.kin for meaning in word.meanings):
            self.cast.lost.append(word.text)
        self._waiting.clear()
        self._relation = None

    def _act(self, word: Word, action: str, whose: Mention | None) -> None:
        self.cast.tell("actions", word.text)
        if not self.cast.mentions:
            self._action = self._action or action
        for mention in [whose] if whose else self._actors(action):  # "a cat and a dog play": both do
            if mention.action in (None, "idle"):
                mention.action = action
            if not mention.joined:
                break

    def _actors(self, action: str) -> list[Mention]:
        """Who may be meant, the last one named first: not a thing that cannot do it (撑伞行走), nor what somebody idle stands
        beside, if that one can: "a bottle on a table, rotating"."""
        mentions = self.cast.mentions[::-1]
        able = [each for each in mentions if action_for(self._kinds[each.kind].family, action) == action]
        idle = [each for each in able if each.action in (None, "idle")]
        placed = next((each for each in idle if each.to is not None and each.to is mentions[0]), None)
        if placed is not None:
            return [placed]
        if idle and idle[0] is not mentions[0] and self._kinds[mentions[0].kind].family in THINGS:
            return mentions[mentions.index(idle[0]) :]
        return mentions

    def _dye(self, mention: Mention, word: Word) -> None:
        """An adjective behind its noun: un gato negro."""
        slot = next(slot for slot in DYED if word.has(slot))
        self._waiting[slot] = word
        setattr(mention, slot, self._taken(slot))

    def _taken(self, slot: str) -> str | None:
        """What waits in a slot, told to have been used."""
        word = self._waiting.pop(slot, None)
        if word is None:
            return None
        value = _value(word, slot)
        if slot != "count" or int(value) > 1:
            self.cast.tell(f"{slot}s", word.text)
        return value

    def _consume(self, word: Word) -> None:
        """Another noun takes the number and the colour with it: a red car does not paint the cat. `tight` colours
        (one Han character) that are not right before a noun were part of a word we do not know."""
        if self._relation is not None and self.cast.mentions and _value(self._relation, "relation") == "over":
            self.cast.mentions[-1].relation = "over"  # birds over a lake fly
        colour = self._waiting.get("colour")
        if colour is not None and word.meanings:
            self.cast.tell("colours", colour.text)
        elif colour is not None:
            self.cast.lost.append(colour.text)
        self._waiting.clear()
        if word.meanings:
            self._attire.drop_age()
        self._relation = None
        self._definite = False

    def _end_clause(self, clause: int) -> None:
        """A colour that found no noun ("the cat is black") belongs to who was there last."""
        last = self.cast.mentions[-1] if self.cast.mentions else None
        for slot in DYED:
            waits = slot in self._waiting and last is not None
            if waits and getattr(last, slot) in (None, "medium"):
                setattr(last, slot, self._taken(slot))
        if clause < 0 and "colour" in self._waiting:
            self.cast.lost.append(self._waiting["colour"].text)
        self._clause, self._after_noun = clause, False


def _value(word: Word, slot: str) -> str:
    meaning = word.meaning(slot)
    assert meaning is not None
    return meaning.value
