"""Words that values are made of."""

# Every 13th word of BIP 39's English list with its place in it (bips, bip-0039/english.txt): enough to draw phrases with a valid checksum.
BIP39 = [
    (word, int(index))
    for word, index in (it.split(":") for it in """
absent:5 across:18 advance:31 airport:44 already:57 angle:70 apology:83 army:96 asset:109 aunt:122 axis:135 barely:148 before:161 beyond:174
blast:187 boil:200 boy:213 brisk:226 bulb:239 buzz:252 cancel:265 carpet:278 caught:291 champion:304 chicken:317 citizen:330 cliff:343
clutch:356 comfort:369 cool:382 cousin:395 credit:408 cruise:421 curve:434 dawn:447 define:460 depth:473 devote:486 dinosaur:499 divorce:512
double:525 drive:538 eager:551 educate:564 else:577 endorse:590 enter:603 escape:616 exchange:629 expect:642 faint:655 fatal:668
festival:681 fine:694 flash:707 foam:720 forum:733 front:746 galaxy:759 gauge:772 giraffe:785 glow:798 grace:811 grow:824 hamster:837
heart:850 hip:863 horn:876 hundred:889 ignore:902 include:915 inject:928 interest:941 jar:954 jump:967 kind:980 label:993 lava:1006
legal:1019 library:1032 live:1045 lounge:1058 magnet:1071 maple:1084 matrix:1097 member:1110 midnight:1123 mix:1136 moral:1149 mule:1162
napkin:1175 nest:1188 normal:1201 oak:1214 offer:1227 only:1240 original:1253 oxygen:1266 paper:1279 pave:1292 permit:1305 pill:1318
please:1331 pool:1344 predict:1357 prize:1370 provide:1383 purse:1396 rabbit:1409 range:1422 recall:1435 relax:1448 repeat:1461 reunion:1474
rigid:1487 romance:1500 rule:1513 salute:1526 scatter:1539 search:1552 senior:1565 shed:1578 shoulder:1591 silk:1604 sketch:1617 slim:1630
sniff:1643 someone:1656 spawn:1669 spoil:1682 stadium:1695 stereo:1708 strong:1721 sugar:1734 surprise:1747 swing:1760 tank:1773 tent:1786
thought:1799 tip:1812 tomorrow:1825 total:1838 trash:1851 trouble:1864 turkey:1877 unable:1890 unknown:1903 usage:1916 van:1929 version:1942
virtual:1955 voyage:1968 waste:1981 welcome:1994 wife:2007 wish:2020 wreck:2033 zone:2046
""".split())
]

NOUNS = """
orders billing users catalog payments inventory shipping reports media search events session audit notify profile checkout invoice tenant
ledger webhook survey booking ticket fleet sensor recipe loyalty pricing claims roster
""".split()

PASSWORD_WORDS = """
summer winter dragon monkey sunshine coffee orange tiger purple rocket guitar falcon castle silver marble cactus pepper thunder banana
cookie bridge forest garden harbor copper velvet
""".split()

# Names of vendors that do not exist.
SYLLABLES = """
zen quor tri vex lum orb nax fil dro ber kal mir sto pra wen gly hax ion jul rof
""".split()
