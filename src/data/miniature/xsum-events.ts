/** One kind of event: what reports tell of it, what a summary says, and how it is mentioned when it is a small one. */
export interface EventKind {
  readonly id: string
  /** Sentences of the main event; each stands at most once in an article. The last way of each is held out from training. */
  readonly details: readonly (readonly string[])[]
  /** All summaries of a kind carry the same four fields, in other words than the details. The last is held out. */
  readonly summaries: readonly string[]
  /** The same kind of event with a small stake, in one sentence. */
  readonly minor: readonly string[]
}

/**
 * Places: {p} the town, {q} another town, {w} a person, {f} {g} firms, {r} a river, {n} the stake as a number and {N} in
 * other words, {c} the cause and {C} in other words, {d} a day, {m} millions of pounds, {x} a small number, {s} a smaller one.
 */
export const EVENT_KINDS: readonly EventKind[] = [
  {
    id: 'flood',
    details: [
      [
        'The river {r} rose after {c}.',
        'After {c} the river {r} left its bed.',
        'It was {c} that let the river {r} rise.',
      ],
      [
        'In all {n} people had to leave their homes.',
        'A count showed {n} people without a home.',
        'As many as {n} people spent the night in halls.',
      ],
      ['Mayor {w} called for help.', 'Help was asked for by mayor {w}.', 'Mayor {w} asked the army to come.'],
      [
        'Repairs in {p} will cost {m} million pounds.',
        'The bill for {p} is put at {m} million pounds.',
        'To mend {p} takes {m} million pounds.',
      ],
      [
        'The water came on {d}.',
        'It was {d} when the streets filled.',
        'By {d} the streets were under water.',
      ],
    ],
    summaries: [
      '{N} residents of {p} have been moved out after {C} made the {r} flood.',
      'A flood of the {r} at {p}, the result of {C}, has driven out {N} residents.',
      '{C} has brought the {r} over its banks and forced {N} residents of {p} out.',
      '{p} has lost the homes of {N} residents to the {r} because of {C}.',
    ],
    minor: [
      'In {q} a cellar took in water and {s} people were moved.',
      'A stream in {q} wetted {s} gardens.',
    ],
  },
  {
    id: 'fire',
    details: [
      [
        'The blaze began in a hall owned by {f}.',
        'A hall of {f} was where the blaze began.',
        'Flames were first seen in a hall that {f} owns.',
      ],
      [
        'Officers blamed {c}.',
        'According to officers {c} started it.',
        'The report of the officers points to {c}.',
      ],
      [
        'The hall in {p} gave work to {n} people.',
        'There were {n} people at work in the hall in {p}.',
        'Work for {n} people was done in the hall in {p}.',
      ],
      [
        'Fire chief {w} praised the crews.',
        'Praise for the crews came from fire chief {w}.',
        'The crews were thanked by fire chief {w}.',
      ],
      [
        'The damage was put at {m} million pounds.',
        'Insurers speak of {m} million pounds.',
        'The loss comes to {m} million pounds.',
      ],
    ],
    summaries: [
      '{C} has been named as the reason for a fire at a {f} building in {p} that puts {N} jobs at risk.',
      '{N} jobs are at risk after a fire at {f} in {p} that was due to {C}.',
      'A fire at {f} in {p} was due to {C} and threatens {N} jobs.',
      '{f} may cut {N} jobs in {p} after a fire that {C} set off.',
    ],
    minor: [
      'A shed burned down in {q} and {s} hens were saved.',
      'In {q} a bin caught fire and {s} neighbours came out to look.',
    ],
  },
  {
    id: 'merger',
    details: [
      ['{f} will be bought by {g}.', 'The buyer of {f} is {g}.', 'An offer by {g} for {f} was accepted.'],
      [
        'The deal is worth {m} million pounds.',
        'The price is {m} million pounds.',
        'The sum of {m} million pounds changes hands.',
      ],
      ['It follows {c}.', 'Behind it stands {c}.', 'It would not have come without {c}.'],
      [
        'Some {n} people work at the site in {p}.',
        'The site in {p} has {n} workers.',
        'At the site in {p} {n} people earn their wages.',
      ],
      [
        'Director {w} will stay for a year.',
        'For one more year {w} remains director.',
        'The director, {w}, leaves after a year.',
      ],
    ],
    summaries: [
      '{g} is to take over {f} after {C}, which affects {N} staff in {p}.',
      '{N} staff in {p} get a new owner as {g} takes over {f} after {C}.',
      'A takeover of {f} by {g} after {C} changes the lives of {N} staff in {p}.',
      'After {C} {f} is to become part of {g}, with {N} staff in {p}.',
    ],
    minor: [
      'A bakery in {q} with {s} workers has a new owner.',
      'Two shops in {q} with {s} workers will share one roof.',
    ],
  },
  {
    id: 'strike',
    details: [
      [
        'The gates of {f} stayed shut on {d}.',
        'Nobody went through the gates of {f} on {d}.',
        'On {d} no lorry left the gates of {f}.',
      ],
      [
        '{n} workers stayed at home.',
        'As many as {n} workers did not come.',
        'A list at the gate has {n} names on it.',
      ],
      ['They are angry about {z}.', 'What makes them angry is {z}.', 'The quarrel is over {z}.'],
      [
        'Union leader {w} spoke in {p}.',
        'In {p} union leader {w} made a speech.',
        'The speech in {p} was given by union leader {w}.',
      ],
      [
        'The firm loses {m} million pounds a day.',
        'A day costs the firm {m} million pounds.',
        'Each day takes {m} million pounds from the firm.',
      ],
    ],
    summaries: [
      '{N} staff at {f} in {p} have walked out over {Z}.',
      'A walkout over {Z} by {N} staff has closed {f} in {p}.',
      '{f} in {p} faces a walkout of {N} staff over {Z}.',
      'Over {Z} {N} staff have left their posts at {f} in {p}.',
    ],
    minor: [
      'In {q} {s} drivers want a longer break.',
      'A dozen words were said by {s} porters in {q} about their shoes.',
    ],
  },
  {
    id: 'match',
    details: [
      ['{p} played against {q}.', 'The guests of {p} were {q}.', '{q} came to play in {p}.'],
      [
        'The match ended {x} to {y}.',
        'It was {x} to {y} in the end.',
        'After the last minute it stood {x} to {y}.',
      ],
      ['{w} scored the last goal.', 'The last goal was the work of {w}.', 'It was {w} who scored last.'],
      ['A crowd of {n} watched.', '{n} tickets had been sold.', 'In the stands sat {n} people.'],
      [
        'The game was held up by {c}.',
        'For a while {c} stopped the game.',
        'Because of {c} the game began late.',
      ],
    ],
    summaries: [
      '{w} scored as {p} beat {q} before {N} fans.',
      '{p} have won against {q} with a late goal by {w} before {N} fans.',
      '{N} fans saw {p} win against {q} through a goal by {w}.',
      'A goal by {w} decided the game of {p} against {q} for {N} fans.',
    ],
    minor: ['A chess game in {q} was seen by {s} people.', 'In {q} {s} boys ran a race.'],
  },
  {
    id: 'trial',
    details: [
      [
        '{w} stood before the judge in {p}.',
        'The court in {p} heard the case of {w}.',
        'In {p} the case of {w} came to its end.',
      ],
      ['The charge was {k}.', 'It was a matter of {k}.', 'The papers speak of {k}.'],
      [
        '{f} had lost {m} million pounds.',
        'The loss of {f} was {m} million pounds.',
        'From the books of {f} {m} million pounds were gone.',
      ],
      ['The court heard {n} witnesses.', 'There were {n} witnesses.', 'The list of witnesses had {n} names.'],
      [
        'The sentence was {x} years in prison.',
        'The judge gave {x} years in prison.',
        'Prison for {x} years was the sentence.',
      ],
    ],
    summaries: [
      '{w} has been jailed for {x} years for {K} at {f}.',
      'A judge has sent {w} to jail for {x} years over {K} at {f}.',
      '{K} at {f} has put {w} behind bars for {x} years.',
      'For {K} at {f} {w} must spend {x} years in jail.',
    ],
    minor: [
      'A cyclist in {q} paid {s} pounds for a broken lamp.',
      'In {q} a dog went before the judge for {s} sausages.',
    ],
  },
  {
    id: 'illness',
    details: [
      [
        'Doctors in {p} counted {n} cases.',
        'There were {n} cases in {p}.',
        'The lists of {p} have {n} names.',
      ],
      ['It came from {u}.', 'The source is {u}.', 'Tests pointed to {u}.'],
      [
        '{f} sold them in its shops.',
        'The shops of {f} had sold them.',
        'They had been bought in shops of {f}.',
      ],
      [
        'Doctor {w} spoke to reporters on {d}.',
        'On {d} reporters heard doctor {w}.',
        'The news was given on {d} by doctor {w}.',
      ],
      ['Nobody is in danger any more.', 'All are well again.', 'The beds are empty again.'],
    ],
    summaries: [
      '{N} people in {p} have fallen ill from {U} sold by {f}.',
      '{U} sold by {f} has made {N} people ill in {p}.',
      '{f} has withdrawn {U} after {N} people in {p} fell ill.',
      'In {p} {N} people owe their illness to {U} from {f}.',
    ],
    minor: ['A cold kept {s} pupils in {q} at home.', 'In {q} {s} nurses had a cough.'],
  },
  {
    id: 'find',
    details: [
      [
        'Workers of {f} dug a ditch in {p}.',
        'A ditch was dug in {p} by workers of {f}.',
        'In {p} {f} had a ditch dug.',
      ],
      ['They came upon {b}.', 'In the ground lay {b}.', 'Their shovels struck {b}.'],
      ['There were {n} pieces.', 'A box was filled with {n} pieces.', 'Somebody counted {n} pieces.'],
      [
        '{w} of the museum put the age at {x} hundred years.',
        'The age is {x} hundred years, says {w} of the museum.',
        'According to {w} of the museum it is {x} hundred years old.',
      ],
      [
        'They are worth {m} million pounds.',
        'A buyer would pay {m} million pounds.',
        'The worth is {m} million pounds.',
      ],
    ],
    summaries: [
      '{N} pieces of {B} have turned up under {p} during works by {f}.',
      'Works by {f} in {p} have brought {N} pieces of {B} to light.',
      '{B} of {N} pieces has been found by {f} below {p}.',
      'Below {p} {f} has found {N} pieces of {B}.',
    ],
    minor: ['A boy in {q} found {s} buttons.', 'In {q} {s} old stamps lay in a drawer.'],
  },
]

/** A thing as reports name it, and as summaries do. */
export const CAUSES: readonly (readonly [string, string])[] = [
  ['heavy rain', 'a storm'],
  ['a broken cable', 'an electrical fault'],
  ['a burst pipe', 'a water leak'],
  ['a month of losses', 'poor results'],
  ['a careless driver', 'a road accident'],
  ['strong wind', 'a gale'],
  ['thick fog', 'bad visibility'],
  ['deep snow', 'a cold spell'],
]
export const CRIMES: readonly (readonly [string, string])[] = [
  ['stealing from the till', 'theft'],
  ['telling lies to investors', 'fraud'],
  ['paying off officials', 'bribery'],
  ['making false banknotes', 'forgery'],
  ['selling secret plans', 'espionage'],
]
export const GRIEVANCES: readonly (readonly [string, string])[] = [
  ['low wages', 'pay'],
  ['long shifts', 'working hours'],
  ['unsafe machines', 'safety'],
  ['plans to close a line', 'job cuts'],
  ['cold meals at noon', 'the canteen'],
]
export const FOODS: readonly (readonly [string, string])[] = [
  ['old eggs', 'breakfast goods'],
  ['smoked trout and herring', 'fish'],
  ['plums and cherries', 'fruit'],
  ['cheese and butter', 'dairy goods'],
  ['sausages and ham', 'meat'],
]
export const FINDS: readonly (readonly [string, string])[] = [
  ['coins of gold and silver', 'treasure'],
  ['swords and helmets', 'armour'],
  ['cups and bowls of clay', 'pottery'],
  ['the bones of a mammoth', 'an ice age animal'],
  ['rings and brooches', 'jewellery'],
]

export const BACKGROUND: readonly string[] = [
  'The area has a long history.',
  'Local people spoke of little else.',
  'Schools in the area stayed open.',
  'The weather was mild for the season.',
  'A market takes place there every week.',
  'Nobody could say what would come next.',
  'Reporters from several papers arrived in the afternoon.',
  'Trains were running as normal.',
  'A similar case was known from the north.',
  'Tea and bread were handed out in the main square.',
]
