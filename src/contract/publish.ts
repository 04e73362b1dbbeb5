import Type from 'typebox';
import { RevisionSchema, WaitsForSchema } from './health.ts';
import { Count, nullable, object, oneOf } from './schema.ts';

/** The body of `POST /api/v1/rules/publish`. */
export const PublishBody = object(
  {
    hash: Type.Optional(
      Type.String({
        description: 'Value of `files` of a dry run. Without it the request is a dry run.',
      }),
    ),
    by: Type.Optional(Type.String({ description: 'Who publishes them.' })),
  },
  'Publish',
);

const ids = Type.Array(Type.String());

/** The answer of `POST /api/v1/rules/publish`. */
export const PublicationAnswer = object(
  {
    state: oneOf(['same', 'dry-run', 'waiting', 'in-force', 'replaced']),
    files: Type.String({ description: 'Hash of the rules in the folders of this server.' }),
    count: Count,
    revision: nullable(Count),
    published: nullable(RevisionSchema),
    added: ids,
    changed: ids,
    removed: ids,
    catalogue: Type.Boolean({ description: "The team's reasons and texts differ." }),
    waitsFor: WaitsForSchema,
  },
  'Publication',
);
