// Made by schema.mjs from the description of the API: do not edit.
export interface paths {
    "/v1/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["uploadsList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Error: {
            /** @description Stable, for programs. */
            code: string;
            /** @description This occurrence, for people. */
            detail?: string;
            /** @description The request's id. */
            id?: string;
            links?: Record<string, never>;
            meta?: {
                actual?: number;
                limit?: number;
            };
            source?: {
                /** @description The invalid request header. */
                header?: string;
                /** @description The invalid query parameter, with its brackets. */
                parameter?: string;
                /** @description JSON Pointer to the invalid member (RFC 6901). */
                pointer?: string;
            };
            status: string;
            /** @description Stable: the meaning of the code. */
            title: string;
        };
        PoliciesAttributes: {
            /** @description Bytes that one user may send in a day, UTC; null for any number. */
            "daily-bytes"?: number | null;
            /** @description Whether bytes may be sent to the storage itself, after a POST without them. */
            "direct-uploads"?: boolean;
            /** @description Seconds that an upload is kept whose client sets no end; null for good. */
            "expires-after"?: number | null;
            /** @description Other files that `/v1/upload/files` may store. */
            "file-types"?: string[];
            /** @description Decoded size of one file, bytes. */
            "max-bytes"?: number;
            /** @description Frames of one animation. */
            "max-frames"?: number;
            /** @description Operations in one request. */
            "max-operations"?: number;
            /** @description Resources on a page at most. */
            "max-page-size"?: number;
            /** @description Width x height of one frame. */
            "max-pixels"?: number;
            /** @description Width x height x frames; also of all images of one request together. */
            "max-pixels-of-all-frames"?: number;
            /** @description Tokens of one user, without expired ones. */
            "max-tokens"?: number;
            /** @description Images that may be stored. */
            "media-types"?: string[];
            /** @description `strip`: metadata about people are removed; `keep`: they stay. */
            metadata?: string;
            /** @description Resources on a page by default. */
            "page-size"?: number;
            /** @description Bytes of all files of one user together; null for any number. */
            "quota-bytes"?: number | null;
            /** @description How many `files` one may send in so many `seconds`; null for any number. */
            "rate-limits"?: {
                [key: string]: unknown;
            }[] | null;
            /** @description Whether every write is answered with 503 for now. */
            "read-only"?: boolean;
            /** @description How uploads resume after a broken connection: `protocols`, the `url` to begin at, `extensions` and `checksum-algorithms` of tus, `max-unfinished` of one sender, and `expires-after`, in seconds without bytes. */
            "resumable-uploads"?: {
                [key: string]: unknown;
            };
            /** @description `lazy`: other sizes are made when first fetched; `eager`: at upload. */
            variants?: string;
        };
        UploadsAttributes: {
            /** @description A description for people who cannot see the image. */
            alt?: string;
            /** @description Shown below the image. */
            caption?: string;
            /** @description `sha256:` and 64 hexadecimal digits, of the bytes served. */
            checksum?: string;
            /** @description The dominant colour, as `#rrggbb`. */
            color?: string | null;
            /**
             * Format: date-time
             * @description UTC, to the microsecond.
             */
            "created-at"?: string;
            /** @description Whom to name as the author of the image. */
            credit?: string;
            /**
             * Format: date-time
             * @description The end of the lease: a future time with its zone; null on PATCH keeps the upload for good.
             */
            "expires-at"?: string | null;
            /** @description The file's name; cleaned. */
            filename?: string;
            /** @description 1 unless it is animated. */
            frames?: number | null;
            /** @description Pixels, in the orientation of EXIF. */
            height?: number | null;
            /** @description Media type of the bytes, recognised from the bytes themselves. */
            "media-type"?: string;
            /** @description A ThumbHash in base64, to draw while the image loads. */
            placeholder?: string | null;
            /** @description Bytes. */
            size?: number;
            /** @description `ready`: it can be fetched; `quarantined`: its bytes are lost or damaged; `pending`, `rejected`: a direct upload that waits for its bytes, or whose bytes were refused. `ready` on PATCH publishes a pending one. */
            status?: string;
            /**
             * Format: date-time
             * @description UTC, to the microsecond.
             */
            "updated-at"?: string;
            /**
             * Format: uri
             * @description Address of the bytes, which never change there. Null unless the upload is `ready`.
             */
            url?: string | null;
            /**
             * @description `private`: only its owner, admins and holders of a link may see it.
             * @enum {string}
             */
            visibility?: "public" | "private";
            /** @description Pixels, in the orientation of EXIF. */
            width?: number | null;
        };
        UploadsChange: {
            data: {
                attributes?: {
                    /** @description A description for people who cannot see the image. */
                    alt?: string | null;
                    /** @description Shown below the image. */
                    caption?: string | null;
                    /** @description Whom to name as the author of the image. */
                    credit?: string | null;
                    /**
                     * @description The file as a base64 data URI (RFC 2397); its declared media type is ignored.
                     * @example data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==
                     */
                    data?: string | null;
                    /**
                     * Format: date-time
                     * @description The end of the lease: a future time with its zone; null on PATCH keeps the upload for good.
                     */
                    "expires-at"?: string | null;
                    /** @description The file's name; cleaned. */
                    filename?: string | null;
                    /**
                     * @description `private`: only its owner, admins and holders of a link may see it.
                     * @enum {string|null}
                     */
                    visibility?: "public" | "private" | null;
                };
                id: string;
                /** @constant */
                type: "uploads";
            };
        };
        VariantsAttributes: {
            /** @description Pixels. */
            height?: number;
            /** @description Media type of the bytes. */
            "media-type"?: string;
            /** @description Name of its preset. */
            name?: string;
            /**
             * Format: uri
             * @description URL of the bytes, which are made when first fetched.
             */
            url?: string;
            /** @description Pixels. */
            width?: number;
        };
    };
    responses: never;
    parameters: {
        /** @description A request that is sent again with its key is answered as the first time, and not run again. */
        idempotencyKey: string;
        /** @description Only if the resource is still of this version. */
        ifMatch: string;
        /** @description Only if it has changed since. */
        ifNoneMatch: string;
        /** @description After this position: a resource's `meta.page.cursor` (Cursor Pagination profile). */
        pageAfter: string;
        /** @description Before this position: a resource's `meta.page.cursor` (Cursor Pagination profile). */
        pageBefore: string;
        /** @description A page, counted from 1; not with cursors. */
        pageNumber: number;
        /** @description Resources on a page. */
        pageSize: number;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    uploadsList: {
        parameters: {
            query?: {
                /** @description The only fields to show of `policies`. */
                "fields[policies]"?: ("daily-bytes" | "direct-uploads" | "expires-after" | "file-types" | "max-bytes" | "max-frames" | "max-operations" | "max-page-size" | "max-pixels" | "max-pixels-of-all-frames" | "max-tokens" | "media-types" | "metadata" | "page-size" | "quota-bytes" | "rate-limits" | "read-only" | "resumable-uploads" | "variants")[];
                /** @description The only fields to show of `presets`. */
                "fields[presets]"?: ("fit" | "focal-x" | "focal-y" | "format" | "height" | "name" | "quality" | "width")[];
                /** @description The only fields to show of `tokens`. */
                "fields[tokens]"?: ("created-at" | "expires-at" | "last-used-at" | "name" | "owner" | "parent" | "scopes")[];
                /** @description The only fields to show of `uploads`. */
                "fields[uploads]"?: ("alt" | "caption" | "checksum" | "color" | "created-at" | "credit" | "expires-at" | "filename" | "frames" | "height" | "media-type" | "owner" | "placeholder" | "size" | "status" | "updated-at" | "url" | "variants" | "visibility" | "width")[];
                /** @description The only fields to show of `users`. */
                "fields[users]"?: ("active" | "created-at" | "email" | "name" | "role" | "updated-at")[];
                /** @description The only fields to show of `variants`. */
                "fields[variants]"?: ("height" | "media-type" | "name" | "upload" | "url" | "width")[];
                /** @description Only those whose `checksum` is one of these values, separated by commas. */
                "filter[checksum]"?: string;
                /** @description Only those whose `created-at` is one of these values, separated by commas. */
                "filter[created-at]"?: string;
                /** @description Only those whose `filename` is one of these values, separated by commas. */
                "filter[filename]"?: string;
                /** @description Only those whose `media-type` is one of these values, separated by commas. */
                "filter[media-type]"?: string;
                /** @description Only those whose `owner` is one of these values, separated by commas. */
                "filter[owner]"?: string;
                /** @description Only those whose `q` is one of these values, separated by commas. */
                "filter[q]"?: string;
                /** @description Only those whose `size` is one of these values, separated by commas. */
                "filter[size]"?: string;
                /** @description Only those whose `status` is one of these values, separated by commas. */
                "filter[status]"?: string;
                /** @description Only those whose `visibility` is one of these values, separated by commas. */
                "filter[visibility]"?: string;
                /** @description Paths of related resources to include. */
                include?: ("variants" | "variants.upload" | "variants.upload.variants" | "variants.upload.owner" | "owner")[];
                /** @description After this position: a resource's `meta.page.cursor` (Cursor Pagination profile). */
                "page[after]"?: components["parameters"]["pageAfter"];
                /** @description Before this position: a resource's `meta.page.cursor` (Cursor Pagination profile). */
                "page[before]"?: components["parameters"]["pageBefore"];
                /** @description A page, counted from 1; not with cursors. */
                "page[number]"?: components["parameters"]["pageNumber"];
                /** @description Resources on a page. */
                "page[size]"?: components["parameters"]["pageSize"];
                /** @description The order, first key first; `-` before it for descending. Each at most once. */
                sort?: ("created-at" | "-created-at" | "filename" | "-filename" | "size" | "-size")[];
            };
            header?: {
                /** @description Only if it has changed since. */
                "If-None-Match"?: components["parameters"]["ifNoneMatch"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: never;
    };
}
