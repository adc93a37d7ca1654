export declare function visit(link: string, decision?: "allow" | "deny"): Promise<Response>;
