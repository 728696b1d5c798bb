"""Passwords that guessers try first, in the languages of the pages: words, keys in a row, patterns.

Written by us, short on purpose: guesses are slowed down and a second factor is asked for, so that this has to stop the
first dozen guesses and not the millionth.
"""

from __future__ import annotations

_WORDS = """
    password passwort motdepasse wachtwoord kennwort geheim geheimnis secret secrete geheimwoord passphrase
    passwordpassword motdepassemotdepasse passwortpasswort wachtwoordwachtwoord mypassword monmotdepasse meinpasswort
    mijnwachtwoord changeme changeit changezmoi changemoi letmein letmeinplease laissezmoientrer welcome
    bienvenue willkommen welkom welcomewelcome bonjour bonjourbonjour hallo hallohallo hello hellohello helloworld
    bonjourlemonde hallowelt hallowereld
    qwerty qwertyuiop qwertyqwerty azerty azertyuiop azertyazerty qwertz qwertzuiop qwertzuiopu asdfghjkl
    qwertyuiopasdfghjkl azertyuiopqsdfghjklm qwertyuiopasdf azertyuiopqs qsdfghjklm asdfghjklzxcvbnm zxcvbnm
    qazwsxedcrfv aqwzsxedcrfv
    abcdefghijkl abcdefghijklm abcdefghijklmnop abcdefghijklmnopqrstuvwxyz abcdef abc
    administrator administrateur administration admin adminadmin coordinator coordinateur coordinatrice psychologue
    psycholoog psychologe psychologist psychologin medecin medecins docteur doctor doctors dokter arzt hopital
    hospital ziekenhuis krankenhaus helpline helplinehelpline ecoute lignedecoute hulplijn helpdesk astreinte
    iloveyou iloveyouforever jetaime jetaimejetaime jetaimemonamour ikhouvanjou ichliebedich monamour moncoeur
    doudou soleil princesse chouchou loulou chocolat nounours sunshine princess football footballfootball
    baseball superman batman starwars trustno master dragon monkey shadow michael marseille parissaintgermain
    olympiquedemarseille
    schatzi schatzischatzi sommer winter printemps automne hiver summer spring zomer fruehling lente
    correcthorsebatterystaple thisismypassword ceciestmonmotdepasse test testtest testtesttest demo demonstration
    default defaultpassword user username utilisateur benutzer gebruiker guest invite france belgique belgie belgien
    deutschland nederland europe bruxelles brussel luxembourg
"""
WORDS = frozenset(_WORDS.split())
"""Without digits, signs and blanks, in small letters."""
LONGEST_PATTERN = 4
ROWS = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba")


def is_common(password: str) -> bool:
    """Whether this is one of these, however it is written and whatever digits and signs stand around it."""
    folded = "".join(password.casefold().split())
    letters = "".join(sign for sign in folded if sign.isalpha())
    repeated = any(folded == (folded[:n] * len(folded))[: len(folded)] for n in range(1, LONGEST_PATTERN + 1))
    return letters in WORDS or repeated or any(folded in row * 2 for row in ROWS)
