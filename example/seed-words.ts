export const firsts = [
  'Ada', 'Agnes', 'Anton', 'Bella', 'Boris', 'Carla', 'Cyril', 'Dora', 'Edgar', 'Elif', 'Emil', 'Farida',
  'Finn', 'Greta', 'Hanna', 'Hugo', 'Ines', 'Ivo', 'Jana', 'Joon', 'Kofi', 'Lena', 'Luca', 'Maja', 'Mateo',
  'Nadia', 'Nils', 'Olga', 'Omar', 'Paula', 'Piet', 'Quentin', 'Rana', 'Rosa', 'Sami', 'Sara', 'Teo',
  'Tilda', 'Uma', 'Vera', 'Viktor', 'Wanda', 'Yara', 'Zoe'
] as const

export const families = [
  'Abel', 'Ahlberg', 'Arslan', 'Bauer', 'Benoit', 'Brandt', 'Castell', 'Costa', 'Dahl', 'Dvořák', 'Eriksen',
  'Falk', 'Ferrari', 'Grünwald', 'Haas', 'Horák', 'Ibarra', 'Jansen', 'Kaya', 'Keller', 'Kowalski',
  'Lefèvre', 'Lindqvist', 'Marek', 'Moreau', 'Navarro', 'Nowak', 'O’Brien', 'Okafor', 'Okonkwo', 'Petrov',
  'Quist', 'Richter', 'Romano', 'Santos', 'Schäfer', 'Silva', 'Sørensen', 'Tanaka', 'Umar', 'van Dijk',
  'Weiss', 'Yıldız', 'Zając'
] as const

export const trades = [
  '& Daughters', '& Sons', 'Antiques', 'Bakery', 'Books', 'Café', 'Ceramics', 'Interiors', 'Joinery',
  'Living', 'Lights', 'Market', 'Office Supply', 'Studio', 'Textiles', 'Wholesale'
] as const

export const cities = [
  'Aarhus', 'Antwerp', 'Bergen', 'Bologna', 'Bremen', 'Brno', 'Cork', 'Dresden', 'Gdańsk', 'Ghent', 'Graz',
  'Izmir', 'Kraków', 'Leeds', 'Linz', 'Lyon', 'Malmö', 'Nantes', 'Porto', 'Tallinn', 'Tampere', 'Turin',
  'Utrecht', 'Valencia', 'Vilnius', 'Zürich'
] as const

/** Names and prices in cents. */
export const goods: ReadonlyArray<readonly [string, number]> = [
  ['Desk lamp, brass', 8900], ['Floor lamp, oak', 21900], ['Pendant, opal glass', 15400],
  ['Reading lamp, black', 6400], ['Chair, beech', 18900], ['Chair, stackable', 12900], ['Stool, ash', 9900],
  ['Armchair, wool', 64900], ['Table, 160 cm', 74900], ['Table, 200 cm', 92900],
  ['Side table, walnut', 24900], ['Shelf, three boards', 15900], ['Shelf, five boards', 21900],
  ['Cabinet, sliding doors', 83900], ['Bench, oak', 39900], ['Coat rack, steel', 7900],
  ['Rug, 140 × 200', 32900], ['Rug, 200 × 300', 58900], ['Cushion, linen', 3900],
  ['Throw, lambswool', 11900], ['Curtain, pair', 13900], ['Vase, stoneware', 4900],
  ['Bowl, stoneware', 3400], ['Plate, set of six', 8400], ['Mug, set of four', 4400],
  ['Carafe, glass', 3700], ['Tray, birch', 2900], ['Mirror, round', 16900], ['Clock, wall', 5900],
  ['Waste bin, felt', 3200], ['Letter tray, oak', 4600], ['Noticeboard, cork', 5400]
]
