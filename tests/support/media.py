"""The smallest files of their kinds."""

import base64

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PNG_URL = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
PDF = b"%PDF-1.4\n%%EOF\n"
PDF_URL = f"data:application/pdf;base64,{base64.b64encode(PDF).decode()}"
