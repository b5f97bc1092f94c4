/** What the element says. `{name}`, `{percent}` and the like are filled in. */
export interface Texts {
  label: string;
  chooseFile: string;
  chooseFiles: string;
  takePhoto: string;
  dropFile: string;
  dropFiles: string;
  list: string;
  description: string;
  descriptionHint: string;
  descriptionMissing: string;
  descriptionSaving: string;
  descriptionSaved: string;
  upload: string;
  pause: string;
  resume: string;
  retry: string;
  cancel: string;
  remove: string;
  /** The name of a button to people who cannot see beside which file it stands. */
  actionOn: string;
  waiting: string;
  sending: string;
  paused: string;
  uploaded: string;
  uploadedSome: string;
  failed: string;
  removed: string;
  notAccepted: string;
  fileMissing: string;
  stillSending: string;
  /** By the code of an error; without one, the words of the server are shown. */
  errors: Record<string, string>;
}

const en: Texts = {
  label: 'Upload files',
  chooseFile: 'Choose a file',
  chooseFiles: 'Choose files',
  takePhoto: 'Take a photo',
  dropFile: 'or drop or paste it here',
  dropFiles: 'or drop or paste them here',
  list: 'Files',
  description: 'Description',
  descriptionHint: 'What does it show?',
  descriptionMissing: 'Describe it first.',
  descriptionSaving: 'Saving the description …',
  descriptionSaved: 'The description is saved.',
  upload: 'Upload',
  pause: 'Pause',
  resume: 'Continue',
  retry: 'Try again',
  cancel: 'Cancel',
  remove: 'Remove',
  actionOn: '{action}: {name}',
  waiting: 'Waiting',
  sending: '{percent} % sent',
  paused: 'Paused at {percent} %',
  uploaded: 'Uploaded',
  uploadedSome: '{done} of {total} files are uploaded.',
  failed: '{name} is not uploaded: {reason}',
  removed: '{name} is removed.',
  notAccepted: 'This kind of file cannot be uploaded here.',
  fileMissing: 'Choose a file.',
  stillSending: 'Wait until every file is uploaded, or remove those that are not.',
  errors: { 'no-answer': 'The server does not answer. Check your connection.' },
};

const de: Texts = {
  label: 'Dateien hochladen',
  chooseFile: 'Datei auswählen',
  chooseFiles: 'Dateien auswählen',
  takePhoto: 'Foto aufnehmen',
  dropFile: 'oder hierher ziehen oder einfügen',
  dropFiles: 'oder hierher ziehen oder einfügen',
  list: 'Dateien',
  description: 'Beschreibung',
  descriptionHint: 'Was ist zu sehen?',
  descriptionMissing: 'Beschreiben Sie die Datei zuerst.',
  descriptionSaving: 'Die Beschreibung wird gespeichert …',
  descriptionSaved: 'Die Beschreibung ist gespeichert.',
  upload: 'Hochladen',
  pause: 'Anhalten',
  resume: 'Fortsetzen',
  retry: 'Noch einmal versuchen',
  cancel: 'Abbrechen',
  remove: 'Entfernen',
  actionOn: '{action}: {name}',
  waiting: 'Wartet',
  sending: '{percent} % gesendet',
  paused: 'Angehalten bei {percent} %',
  uploaded: 'Hochgeladen',
  uploadedSome: '{done} von {total} Dateien sind hochgeladen.',
  failed: '{name} ist nicht hochgeladen: {reason}',
  removed: '{name} ist entfernt.',
  notAccepted: 'Dateien dieser Art können hier nicht hochgeladen werden.',
  fileMissing: 'Wählen Sie eine Datei aus.',
  stillSending: 'Warten Sie, bis alle Dateien hochgeladen sind, oder entfernen Sie die übrigen.',
  errors: {
    'no-answer': 'Der Server antwortet nicht. Prüfen Sie Ihre Verbindung.',
    'unsupported-file-type': 'Bilder oder Dateien dieser Art nimmt der Server nicht an.',
    'corrupt-image': 'Das Bild ist beschädigt oder unvollständig.',
    'empty-file': 'Die Datei ist leer.',
    'request-too-large': 'Die Datei ist zu groß.',
    'invalid-token': 'Ihre Anmeldung ist abgelaufen. Melden Sie sich noch einmal an.',
  },
};

/** The texts of each language; add yours before the element is used. */
export const languages: Record<string, Texts> = { en, de };

/** Return the texts for a language tag, such as `de-AT`: English where there are none. */
export function textsFor(tag: string): Texts {
  const [language = ''] = tag.toLowerCase().split('-');
  return languages[tag] ?? languages[language] ?? en;
}

export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => `${values[name] ?? whole}`);
}
