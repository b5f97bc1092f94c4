import { dasherize, type Camel } from './names.js';
import type { operations } from './schema.js';

type Parameters = NonNullable<operations['uploadsList']['parameters']['query']>;
type FilterName<Parameter> = Parameter extends `filter[${infer Name}]` ? Camel<Name> : never;
type SortKey = NonNullable<Parameters['sort']>[number];
type CamelSortKey<Key extends string> = Key extends `-${infer Name}` ? `-${Camel<Name>}` : Camel<Key>;

type Scalar = string | number | Date;
type Range = { gt?: Scalar; gte?: Scalar; lt?: Scalar; lte?: Scalar };

/** Which uploads a list has, and in which order. */
export interface UploadQuery {
  /** Of each: one value, several of which one must fit, or a range. `q` searches words. */
  filter?: { [Name in FilterName<keyof Parameters>]?: Scalar | readonly Scalar[] | Range };
  /** By default the newest first. */
  sort?: CamelSortKey<SortKey> | readonly CamelSortKey<SortKey>[];
  /** Uploads in one answer. */
  pageSize?: number;
}

/** Return the parameters of a request for a page. */
export function parameters(query: UploadQuery, after: string | null): URLSearchParams {
  const found = new URLSearchParams({ include: 'variants' });
  const { filter = {}, sort = [], pageSize } = query;
  const conditions = Object.entries(filter).flatMap(([name, wanted]) =>
    wanted === undefined ? [] : conditionsOf(dasherize(name), wanted),
  );
  const keys = [sort].flat();
  // As JSON: between the brackets of `filter[…]` a comma would divide a value.
  if (conditions.length > 0) found.set('filter', JSON.stringify(conditions));
  if (keys.length > 0) found.set('sort', keys.map(dasherize).join(','));
  if (pageSize !== undefined) found.set('page[size]', `${pageSize}`);
  if (after !== null) found.set('page[after]', after);
  return found;
}

const OPERATORS = { gt: 'gt', gte: 'ge', lt: 'lt', lte: 'le' };

function conditionsOf(name: string, wanted: Scalar | readonly Scalar[] | Range): object[] {
  if (Array.isArray(wanted)) return [{ name, op: 'in', val: wanted }];
  if (typeof wanted !== 'object' || wanted instanceof Date) return [{ name, op: 'eq', val: wanted }];
  return Object.entries(wanted).map(([bound, val]) => ({
    name,
    op: OPERATORS[bound as keyof Range],
    val,
  }));
}
