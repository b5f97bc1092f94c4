import { camelizeMembers, type Camelized } from './names.js';
import type { components } from './schema.js';

type Schemas = components['schemas'];

/** One size of a picture, made when its `url` is first fetched. */
export type Variant = Required<Camelized<Schemas['VariantsAttributes']>> & { id: string };

/** A file on the server. */
export type Upload = Required<Camelized<Schemas['UploadsAttributes']>> & {
  id: string;
  /** Other sizes; none of a file that is not an image. */
  variants: Variant[];
  /** The user who sent it; null if nobody was signed in. */
  ownerId: string | null;
  /** Its version, for `ifMatch`; null in lists. */
  etag: string | null;
};

/** What can be said about a file when it is sent, and changed later. */
export type UploadAttributes = Camelized<
  Omit<NonNullable<Schemas['UploadsChange']['data']['attributes']>, 'data'>
>;

/** The limits in force. */
export type Policy = Required<Camelized<Schemas['PoliciesAttributes']>>;

/** Addresses of a private file and its variants that work without a token until they expire. */
export interface DownloadLink {
  url: string;
  /** By the name of the preset. */
  variants: Record<string, string>;
  expiresAt: string;
}

type Identifier = { type: string; id: string };
type Resource = Identifier & {
  attributes?: object;
  relationships?: Record<string, { data?: Identifier | Identifier[] | null }>;
};
export type UploadDocument = { data: Resource; included?: Resource[] };
export type UploadsDocument = { data: Resource[]; included?: Resource[] };

export function readUpload({ data, included }: UploadDocument, etag: string | null): Upload {
  return upload(data, variantsById(included), etag);
}

export function readUploads({ data, included }: UploadsDocument): Upload[] {
  const variants = variantsById(included);
  return data.map((resource) => upload(resource, variants, null));
}

function variantsById(included: Resource[] = []): Map<string, Resource> {
  const variants = included.filter(({ type }) => type === 'variants');
  return new Map(variants.map((resource) => [resource.id, resource]));
}

function upload(resource: Resource, included: Map<string, Resource>, etag: string | null): Upload {
  const { variants, owner } = resource.relationships ?? {};
  return {
    ...flat(resource),
    variants: identifiers(variants?.data).flatMap(({ id }) => {
      const variant = included.get(id);
      return variant ? [flat(variant)] : [];
    }),
    ownerId: identifiers(owner?.data)[0]?.id ?? null,
    etag,
  } as Upload;
}

function identifiers(linkage: Identifier | Identifier[] | null | undefined): Identifier[] {
  return Array.isArray(linkage) ? linkage : linkage ? [linkage] : [];
}

function flat({ id, attributes = {} }: Resource): object {
  if (typeof id !== 'string') throw new TypeError('A resource has no id.');
  return { id, ...camelizeMembers(attributes) };
}
