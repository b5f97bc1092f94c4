// The API writes `media-type`, JavaScript `mediaType`.

/** The camel-case form of a dasherized name. */
export type Camel<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<Camel<Rest>>}`
  : Name;

/** An object with camel-case names; its values stay as they are. */
export type Camelized<Members> = {
  [Name in keyof Members as Name extends string ? Camel<Name> : Name]: Members[Name];
};

export function camelize(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

export function dasherize(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

export function camelizeMembers<Members extends object>(members: Members): Camelized<Members> {
  return renamed(members, camelize) as Camelized<Members>;
}

export function dasherizeMembers(members: object): Record<string, unknown> {
  return renamed(members, dasherize);
}

function renamed(members: object, rename: (name: string) => string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [rename(name), value]),
  );
}
